// A mount table's nodes in an SQLite database:
//
//   node(name, creator, version, explicit, flags, permissions)     permissions: JSON, or null
//   server(name, place, server, expires)                           place: 0 is the latest; expires: ns since 1970
//
// Names are blobs, since they can be any bytes.
#include <map>
#include <mutex>
#include <optional>

#include <nb/base/verror.h>
#include <nb/services/mount_table_store.h>

#include "services/sqlite.h"

namespace nb {
namespace {

using services::Database;
using services::execute;
using services::Statement;

constexpr int kFormat = 1;

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
  CREATE TABLE IF NOT EXISTS server(
    name BLOB NOT NULL, place INTEGER NOT NULL, server BLOB NOT NULL, expires INTEGER NOT NULL,
    PRIMARY KEY(name, place)) WITHOUT ROWID;
  PRAGMA user_version = 1;
  COMMIT;
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

  Result<std::vector<StoredNode>> load() override {
    const std::lock_guard lock(mutex_);
    std::map<std::string, StoredNode> nodes;
    auto rows =
        Statement::make(database_.get(), "SELECT name, creator, version, explicit, flags, permissions FROM node");
    if (!rows) return rows.error();
    while (true) {
      const auto more = rows->step();
      if (!more) return more.error();
      if (!*more) break;
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
      nodes.emplace(node.name, std::move(node));
    }
    if (auto read = load_servers(nodes); !read) return read.error();
    std::vector<StoredNode> all;
    for (auto& [name, node] : nodes) all.push_back(std::move(node));
    return all;
  }

  Result<void> update(const std::vector<std::string>& erased, const std::vector<StoredNode>& written) override {
    const std::lock_guard lock(mutex_);
    if (auto begun = execute(database_.get(), "BEGIN IMMEDIATE"); !begun) return begun;
    auto done = change(erased, written);
    if (done) done = execute(database_.get(), "COMMIT");
    if (!done) (void)execute(database_.get(), "ROLLBACK");
    return done;
  }

 private:
  Result<void> load_servers(std::map<std::string, StoredNode>& nodes) {
    auto rows = Statement::make(database_.get(), "SELECT name, server, expires FROM server ORDER BY name, place");
    if (!rows) return rows.error();
    while (true) {
      const auto more = rows->step();
      if (!more) return more.error();
      if (!*more) return {};
      const auto node = nodes.find(rows->bytes(0));
      if (node != nodes.end()) node->second.servers.emplace_back(rows->bytes(1), to_wall(rows->number(2)));
    }
  }

  Result<void> change(const std::vector<std::string>& erased, const std::vector<StoredNode>& written) {
    for (const char* const sql : {"DELETE FROM node WHERE name = ?1 OR (name >= ?2 AND name < ?3)",
                                  "DELETE FROM server WHERE name = ?1 OR (name >= ?2 AND name < ?3)"}) {
      auto erase = Statement::make(database_.get(), sql);
      if (!erase) return erase.error();
      for (const std::string& name : erased) {
        const std::string below = name + "/";
        const std::string behind = name + "0";  // '0' is the character behind '/'
        if (auto done = erase->bytes(1, name).bytes(2, below).bytes(3, behind).run(); !done) return done;
      }
    }
    for (const StoredNode& node : written) {
      if (auto done = write(node); !done) return done;
    }
    return {};
  }

  Result<void> write(const StoredNode& node) {
    std::string json;
    if (node.permissions) {
      auto text = permissions_to_json(*node.permissions);
      if (!text) return text.error();
      json = *std::move(text);
    }
    auto put = Statement::make(database_.get(), "INSERT OR REPLACE INTO node VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    if (!put) return put.error();
    put->bytes(1, node.name).bytes(2, node.creator).number(3, node.version).number(4, node.is_explicit ? 1 : 0);
    put->number(5, node.flags);
    if (node.permissions) {
      put->bytes(6, json);
    } else {
      put->nothing(6);
    }
    if (auto done = put->run(); !done) return done;

    auto clear = Statement::make(database_.get(), "DELETE FROM server WHERE name = ?1");
    if (!clear) return clear.error();
    if (auto done = clear->bytes(1, node.name).run(); !done) return done;
    auto add = Statement::make(database_.get(), "INSERT INTO server VALUES(?1, ?2, ?3, ?4)");
    if (!add) return add.error();
    std::int64_t place = 0;
    for (const StoredServer& server : node.servers) {
      add->bytes(1, node.name).number(2, place++).bytes(3, server.name).number(4, to_number(server.expires));
      if (auto done = add->run(); !done) return done;
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
  if (const auto ready = services::execute(opened, kSetUp); !ready) {
    return ready.error().with_message(path + ": " + std::string(ready.error().message()));
  }
  return std::shared_ptr<MountTableStore>(std::make_shared<FileMountTableStore>(std::move(database)));
}

}  // namespace nb
