// GlobSearch: one search through the namespace (docs/spec/rpc.md 11.1, "Glob client"). Asks several servers at a time,
// each with its own task on the runtime's threads; what they answer is matched, and leads to further servers.
//
// Its tasks own it while they run; whoever wants the results holds it through GlobResults. Safe from any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nb/base/context.h>
#include <nb/rpc/namespace.h>
#include <nb/rpc/task.h>

#include "naming/glob.h"

namespace nb::rpc {

class RuntimeCore;

class GlobSearch final : public std::enable_shared_from_this<GlobSearch> {
 public:
  GlobSearch(std::shared_ptr<RuntimeCore> runtime, Context context, CallOptions options);
  void start(const std::string& pattern);
  Pending<Next<GlobReply>> recv();
  void cancel();

 private:
  using Waiting = std::shared_ptr<PendingState<Next<GlobReply>>>;
  // Somewhere to ask: an entry whose name has been matched, and what is left of the pattern.
  struct Place {
    MountEntry entry;
    naming::Glob pattern;
    std::size_t depth = 0;  // servers on the way to it
  };
  // A server and how many elements of the pattern are left for it. What is behind the last one is the same everywhere.
  using Question = std::pair<std::string, std::size_t>;

  static Task<void> look(std::shared_ptr<GlobSearch> self, Place place);
  // Whether nobody has been asked this before. Never, once too much has been asked.
  bool is_new(const Place& place);
  void visit(Place place);  // now, or when others have ended
  void answered(const Place& place, GlobReply reply);
  void entry_found(MountEntry entry, std::size_t depth);
  void emit(GlobReply reply);
  // Done when there is room for more results.
  Pending<Result<void>> room();
  void looked();
  void end(const Error& why);

  const std::shared_ptr<RuntimeCore> runtime_;  // shared by all handles
  const WithCancel scope_;
  const CallOptions options_;
  std::string prefix_;  // of all names, for a rooted pattern
  naming::Glob pattern_;

  std::mutex mutex_;  // guards the rest
  std::set<Question> asked_;
  std::size_t asked_bytes_ = 0;
  bool is_too_large_ = false;  // and that was told
  std::deque<Place> to_do_;
  std::size_t under_way_ = 0;
  std::deque<GlobReply> found_;
  std::size_t found_bytes_ = 0;
  Waiting waiting_;
  std::vector<std::shared_ptr<PendingState<Result<void>>>> for_room_;
  bool ended_ = false;
  Error failure_;
};

}  // namespace nb::rpc
