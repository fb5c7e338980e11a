// A few lines around SQLite's C interface: a database that closes itself, and statements. No C++ type of it leaves the
// files that include this. One thread at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nb/base/result.h>
#include <nb/base/verror.h>

namespace nb::services {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

inline Error database_error(sqlite3* database, std::string_view doing) {
  const int code = database == nullptr ? SQLITE_NOMEM : sqlite3_errcode(database);
  const std::string text =
      std::string(doing) + ": " + (database == nullptr ? "out of memory" : sqlite3_errmsg(database));
  return code == SQLITE_BUSY || code == SQLITE_LOCKED ? verror::BadState(text) : verror::Internal(text);
}

inline Result<void> execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return database_error(database, "SQLite");
}

// A prepared statement; values are bound by position, from 1 on, and columns read from 0 on.
class Statement {
 public:
  static Result<Statement> make(sqlite3* database, std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) != SQLITE_OK) {
      return database_error(database, "SQLite");
    }
    return Statement(database, statement);
  }

  // The text must stay until the statement is run.
  Statement& bytes(int at, std::string_view value) {
    sqlite3_bind_blob(statement_.get(), at, value.empty() ? "" : value.data(), static_cast<int>(value.size()),
                      SQLITE_STATIC);
    return *this;
  }
  Statement& number(int at, std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), at, value);
    return *this;
  }
  Statement& nothing(int at) {
    sqlite3_bind_null(statement_.get(), at);
    return *this;
  }

  // True: there is a row to be read.
  Result<bool> step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return database_error(database_, "SQLite");
  }
  // Runs to the end, and is ready to be bound anew.
  Result<void> run() {
    const auto stepped = step();
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
    if (!stepped) return stepped.error();
    return {};
  }

  bool is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::string bytes(int column) const {
    const void* const data = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return data == nullptr ? std::string()
                           : std::string(static_cast<const char*>(data), static_cast<std::size_t>(size));
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Statement(sqlite3* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace nb::services
