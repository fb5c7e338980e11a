// Listing: how objects take part in __Glob (docs/spec/rpc.md 7.2). An object says what it can list by deriving, beside
// its generated server class, from one of these two:
//
//   struct Folder final : store::FolderServer, nb::HasChildren {
//     nb::Result<std::vector<std::string>> children(nb::ServerCall&) override { return names_; }
//     …
//   };
//
// An object that derives from neither is listed as a leaf. Whoever lists needs access to each object on the way, as for
// a method with the tag Resolve.
#pragma once

#include <string>
#include <vector>

#include <nb/base/result.h>
#include <nb/rpc/pending.h>
#include <nb/rpc/server_call.h>
#include <nb/rpc/task.h>

#include "v.io/v23/naming/naming.vdl.h"

namespace nb {

// Knows the names right below it, and the dispatcher finds the objects there.
class HasChildren {
 public:
  virtual ~HasChildren() = default;
  // Names of one element each. Must not block. An error is told in the place of the names.
  virtual Result<std::vector<std::string>> children(ServerCall& call) = 0;
};

// Where an object puts what it lists.
class GlobReplies {
 public:
  virtual ~GlobReplies() = default;
  // Names are those below the object; "" is itself. Waits for flow control; an error means that nobody reads on.
  virtual Pending<Result<void>> send(v23::naming::GlobReply reply) = 0;
};

// Lists everything below it by itself.
class ListsEverything {
 public:
  virtual ~ListsEverything() = default;
  // `pattern` is what is left of the client's, sound, perhaps "". Runs where methods do; `call` and `replies` live
  // until it has ended. An error is told in the place of what was not listed.
  virtual Task<Result<void>> glob(ServerCall& call, std::string pattern, GlobReplies& replies) = 0;
};

}  // namespace nb
