// Which third-party caveats a discharger answers no more, by their ids (nb::ThirdParty::id). Whoever blesses somebody
// under a third-party caveat keeps its id, to be able to take the blessing back.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <nb/base/result.h>

namespace nb {

// Any number of threads.
class RevocationList {
 public:
  virtual ~RevocationList() = default;
  // Again: nothing happens. BadArg for what is no id. When it returns without error it is done for good.
  virtual Result<void> revoke(std::string_view caveat_id) = 0;
  // Takes it back.
  virtual Result<void> restore(std::string_view caveat_id) = 0;
  // An error means that nobody knows: treat it as revoked.
  virtual Result<bool> is_revoked(std::string_view caveat_id) = 0;
  virtual Result<std::set<std::string>> revoked() = 0;
};

std::shared_ptr<RevocationList> memory_revocations();

// In a text file, an id a line, which must be there (NoExist): a list that was lost would else be an empty one, and
// everything that was revoked would count again. Each change replaces it as a whole and is safe before
// the call returns; a crash leaves the old list or the new one. Processes that share it see each other's changes; they
// lock `path`.lock. A file that is gone or makes no sense is an error, not an empty list. At most 16 MiB.
Result<std::shared_ptr<RevocationList>> file_revocations(std::string path);
// Makes such a file, empty, for the owner alone; Exist if there is one.
Result<std::shared_ptr<RevocationList>> create_file_revocations(std::string path);

}  // namespace nb
