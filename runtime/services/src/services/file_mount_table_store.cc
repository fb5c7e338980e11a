// A mount table in an SQLite database:
//
//   node(name, creator, version, explicit, flags, permissions)    permissions: JSON, or null
//   mounted(node, name, owner, expires, place)                     expires: ns since 1970
//
// Names are blobs, since they can be any bytes.
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/verror.h>
#include <nb/services/mount_table_store.h>

#include "services/sqlite.h"

namespace nb {
namespace {

using services::Database;
using services::execute;
using services::Statement;

constexpr int kFormat = 2;

// A second process would not see what this one has in memory: the file stays locked. What a crash left half done is
// rolled back when the file is opened again.
constexpr const char* kSetUp = R"(
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS node(
    name BLOB PRIMARY KEY NOT NULL, creator BLOB NOT NULL, version INTEGER NOT NULL, explicit INTEGER NOT NULL,
    flags INTEGER NOT NULL, permissions BLOB) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS mounted(
    node BLOB NOT NULL, name BLOB NOT NULL, owner BLOB NOT NULL, expires INTEGER NOT NULL, place INTEGER NOT NULL,
    PRIMARY KEY(node, name)) WITHOUT ROWID;
)";
constexpr const char* kSetUpEnd = R"(
  PRAGMA user_version = 2;
  COMMIT;
)";

// The first format had server(name, place, server, expires), with the latest at place 0, and no owners.
constexpr const char* kFromFirstFormat = R"(
  INSERT INTO mounted SELECT name, server, x'', expires, -place FROM server;
  DROP TABLE server;
)";

std::int64_t to_number(Clock::Wall time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}
Clock::Wall to_wall(std::int64_t number) {
  return Clock::Wall(std::chrono::duration_cast<Clock::Wall::duration>(std::chrono::nanoseconds(number)));
}

class FileMountTableStore final : public MountTableStore {
 public:
  explicit FileMountTableStore(Database database) : database_(std::move(database)) {}

  Result<StoredTable> load() override {
    const std::lock_guard lock(mutex_);
    StoredTable table;
    if (auto read = load_nodes(table.nodes); !read) return read.error();
    if (auto read = load_servers(table.servers); !read) return read.error();
    return table;
  }

  Result<void> update(const MountTableChange& change) override {
    const std::lock_guard lock(mutex_);
    if (auto begun = execute(database_.get(), "BEGIN IMMEDIATE"); !begun) return begun;
    auto done = erase(change.erased);
    if (done) done = unmount(change.unmounted);
    if (done) done = write(change.nodes);
    if (done) done = write(change.servers);
    if (done) done = execute(database_.get(), "COMMIT");
    if (!done) (void)execute(database_.get(), "ROLLBACK");
    return done;
  }

 private:
  Result<void> load_nodes(std::vector<StoredNode>& nodes) {
    auto rows =
        Statement::make(database_.get(), "SELECT name, creator, version, explicit, flags, permissions FROM node");
    if (!rows) return rows.error();
    while (true) {
      const auto more = rows->step();
      if (!more) return more.error();
      if (!*more) return {};
      StoredNode node;
      node.name = rows->bytes(0);
      node.creator = rows->bytes(1);
      node.version = static_cast<std::int32_t>(rows->number(2));
      node.is_explicit = rows->number(3) != 0;
      node.flags = static_cast<std::uint32_t>(rows->number(4));
      if (!rows->is_null(5)) {
        auto permissions = permissions_from_json(rows->bytes(5));
        // To go on without them would let everybody in.
        if (!permissions) return permissions.error();
        node.permissions = *std::move(permissions);
      }
      nodes.push_back(std::move(node));
    }
  }

  Result<void> load_servers(std::vector<StoredServer>& servers) {
    auto rows = Statement::make(database_.get(), "SELECT node, name, owner, expires, place FROM mounted");
    if (!rows) return rows.error();
    while (true) {
      const auto more = rows->step();
      if (!more) return more.error();
      if (!*more) return {};
      StoredServer server(rows->bytes(0), rows->bytes(1));
      server.owner = rows->bytes(2);
      server.expires = to_wall(rows->number(3));
      server.place = rows->number(4);
      servers.push_back(std::move(server));
    }
  }

  Result<void> erase(const std::vector<std::string>& nodes) {
    if (nodes.empty()) return {};
    for (const char* const sql : {"DELETE FROM node WHERE name = ?1 OR (name >= ?2 AND name < ?3)",
                                  "DELETE FROM mounted WHERE node = ?1 OR (node >= ?2 AND node < ?3)"}) {
      auto erase = Statement::make(database_.get(), sql);
      if (!erase) return erase.error();
      for (const std::string& name : nodes) {
        const std::string below = name + "/";
        const std::string behind = name + "0";  // '0' is the character behind '/'
        if (auto done = erase->bytes(1, name).bytes(2, below).bytes(3, behind).run(); !done) return done;
      }
    }
    return {};
  }

  Result<void> unmount(const std::vector<std::pair<std::string, std::string>>& servers) {
    if (servers.empty()) return {};
    auto unmount = Statement::make(database_.get(), "DELETE FROM mounted WHERE node = ?1 AND name = ?2");
    if (!unmount) return unmount.error();
    for (const auto& [node, name] : servers) {
      if (auto done = unmount->bytes(1, node).bytes(2, name).run(); !done) return done;
    }
    return {};
  }

  Result<void> write(const std::vector<StoredNode>& nodes) {
    if (nodes.empty()) return {};
    auto put = Statement::make(database_.get(), "INSERT OR REPLACE INTO node VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    if (!put) return put.error();
    for (const StoredNode& node : nodes) {
      std::string json;
      put->bytes(1, node.name).bytes(2, node.creator).number(3, node.version).number(4, node.is_explicit ? 1 : 0);
      put->number(5, node.flags);
      if (node.permissions) {
        auto text = permissions_to_json(*node.permissions);
        if (!text) return text.error();
        json = *std::move(text);
        put->bytes(6, json);
      } else {
        put->nothing(6);
      }
      if (auto done = put->run(); !done) return done;
    }
    return {};
  }

  Result<void> write(const std::vector<StoredServer>& servers) {
    if (servers.empty()) return {};
    auto put = Statement::make(database_.get(), "INSERT OR REPLACE INTO mounted VALUES(?1, ?2, ?3, ?4, ?5)");
    if (!put) return put.error();
    for (const StoredServer& server : servers) {
      put->bytes(1, server.node).bytes(2, server.name).bytes(3, server.owner);
      put->number(4, to_number(server.expires)).number(5, server.place);
      if (auto done = put->run(); !done) return done;
    }
    return {};
  }

  std::mutex mutex_;
  const Database database_;
};

Result<int> format_of(sqlite3* database) {
  auto row = Statement::make(database, "PRAGMA user_version");
  if (!row) return row.error();
  const auto there = row->step();
  if (!there) return there.error();
  return *there ? static_cast<int>(row->number(0)) : 0;
}

}  // namespace

Result<std::shared_ptr<MountTableStore>> file_mount_table_store(const std::string& path) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Database database(opened);
  if (code != SQLITE_OK) return services::database_error(opened, path);
  sqlite3_extended_result_codes(opened, 0);
  const auto format = format_of(opened);
  if (!format) return format.error().with_message(path + ": " + std::string(format.error().message()));
  if (*format > kFormat) return verror::BadState(path + " was written by a newer version");
  auto ready = execute(opened, kSetUp);
  if (ready && *format == 1) ready = execute(opened, kFromFirstFormat);
  if (ready) ready = execute(opened, kSetUpEnd);
  if (!ready) return ready.error().with_message(path + ": " + std::string(ready.error().message()));
  return std::shared_ptr<MountTableStore>(std::make_shared<FileMountTableStore>(std::move(database)));
}

}  // namespace nb
