#include "rpc/glob_search.h"

#include <algorithm>
#include <utility>

#include <nb/base/verror.h>
#include <nb/rpc/client.h>

#include "naming/errors.h"
#include "naming/names.h"
#include "rpc/errors.h"
#include "rpc/resolver.h"
#include "rpc/runtime_core.h"

namespace nb::rpc {

namespace {

// Servers on the way to a name, beyond those that its elements account for.
constexpr std::size_t kMaxDepth = 10;
constexpr std::size_t kAtOnce = 32;
// What is remembered so as not to be asked twice, and what waits to be asked.
constexpr std::size_t kMaxAsked = 100'000;
constexpr std::size_t kMaxAskedBytes = 16 << 20;
// Results that nobody has taken yet; servers wait while there are more.
constexpr std::size_t kMaxFound = 1000;
constexpr std::size_t kMaxFoundBytes = 4 << 20;
constexpr std::size_t kMaxName = 16 * 1024;

std::string join(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : name.empty() ? prefix : naming::clean(prefix + "/" + name);
}

std::size_t depth_of(const std::string& name) {
  if (name.empty()) return 0;
  return 1 + static_cast<std::size_t>(std::ranges::count(name, '/'));
}

std::size_t size_of(const MountEntry& entry) {
  std::size_t bytes = sizeof entry + entry.Name.size();
  for (const auto& server : entry.Servers) bytes += sizeof server + server.Server.size();
  return bytes;
}

std::size_t size_of(const GlobReply& reply) {
  if (const auto* const entry = reply.get_if<GlobReply::Entry>()) return size_of(entry->value);
  const auto& error = reply.get_if<GlobReply::Error>()->value;
  return sizeof error + error.Name.size() + (error.Error ? error.Error->message().size() : 0);
}

// What a server says a name is: relative, and its elements apart.
std::string name_said(const std::string& name) {
  const std::string cleaned = naming::clean(name);
  return naming::is_rooted(cleaned) ? cleaned.substr(1) : cleaned;
}

GlobReply failed(std::string name, Error error) {
  return GlobReply::Error(v23::naming::GlobError(std::move(name), std::move(error)));
}

}  // namespace

GlobSearch::GlobSearch(std::shared_ptr<RuntimeCore> runtime, Context context, CallOptions options)
    : runtime_(std::move(runtime)), scope_(context.with_cancel()), options_(std::move(options)) {}

void GlobSearch::start(const std::string& pattern) {
  Place root;
  root.entry = runtime_->resolver().expand(pattern, options_);
  if (root.entry.Servers.empty()) return end(naming::kNoMountTable());
  auto parsed = naming::Glob::parse(root.entry.Name);
  if (!parsed) return end(parsed.error());
  if (naming::is_rooted(pattern)) prefix_ = root.entry.Servers.front().Server;
  pattern_ = *std::move(parsed);
  root.entry.Name.clear();
  root.pattern = pattern_;
  visit(std::move(root));
}

bool GlobSearch::is_new(const Place& place) {
  bool is_new = true;
  {
    const std::lock_guard lock(mutex_);
    if (is_too_large_) return false;
    for (const auto& server : place.entry.Servers) {
      Question question(naming::join_address_name(server.Server, ""), place.pattern.size());
      const std::size_t bytes = question.first.size() + sizeof question;
      if (asked_.insert(std::move(question)).second) {
        asked_bytes_ += bytes;
      } else {
        is_new = false;
      }
    }
    if (is_new) asked_bytes_ += size_of(place.entry);
    if (asked_.size() <= kMaxAsked && asked_bytes_ <= kMaxAskedBytes) return is_new;
    is_too_large_ = true;
  }
  emit(failed(join(prefix_, place.entry.Name),
              verror::Internal("the search led to too many servers and was cut short")));
  return false;
}

void GlobSearch::visit(Place place) {
  if (!is_new(place)) return;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    if (under_way_ >= kAtOnce) return to_do_.push_back(std::move(place));
    ++under_way_;
  }
  (void)nb::start(runtime_->home(), look(shared_from_this(), std::move(place)));
}

Task<void> GlobSearch::look(std::shared_ptr<GlobSearch> self, Place place) {
  CallOptions options = for_mount_tables(self->options_);
  MountEntry at = place.entry;
  at.Name.clear();
  options.preresolved(at);
  const Object object(self->runtime_, "", options);
  auto call = object.stream<void, GlobReply, void>(with_patience(self->scope_.context), CallOptions(), "__Glob",
                                                   place.pattern.to_string());
  while (true) {
    auto receiving = call.recv();
    auto reply = co_await receiving;
    if (!reply) break;
    self->answered(place, *std::move(reply));
    auto waiting = self->room();
    if (auto more = co_await waiting; !more) break;
  }
  auto finishing = call.finish();
  const auto finished = co_await finishing;
  if (!finished && !is_no_mount_table(finished.error())) {
    self->emit(failed(join(self->prefix_, place.entry.Name), finished.error()));
  }
  self->looked();
}

void GlobSearch::answered(const Place& place, GlobReply reply) {
  const std::size_t depth = place.depth + 1;
  if (auto* const error = reply.get_if<GlobReply::Error>()) {
    if (error->value.Name.size() > kMaxName) return;
    error->value.Name = join(prefix_, join(place.entry.Name, name_said(error->value.Name)));
    return emit(std::move(reply));
  }
  MountEntry entry = std::move(reply.get_if<GlobReply::Entry>()->value);
  if (entry.Name.size() > kMaxName) return;
  entry.Name = join(place.entry.Name, name_said(entry.Name));
  // A name takes a server for each of its elements at most, as far as the pattern goes. More of them lead in a circle,
  // or to ever new places.
  if (depth > kMaxDepth + std::min(depth_of(entry.Name), pattern_.size())) return;
  keep_few_servers(entry);
  // The server itself, which the one who led to it has told of already.
  if (place.depth > 0 && entry.Servers.empty() && entry.Name == place.entry.Name) return;
  entry_found(std::move(entry), depth);
}

void GlobSearch::entry_found(MountEntry entry, std::size_t depth) {
  const naming::Glob rest = pattern_.tail(depth_of(entry.Name));
  if (rest.size() == 0) {
    MountEntry result = entry;
    result.Name = join(prefix_, result.Name);
    emit(GlobReply::Entry(std::move(result)));
  }
  if (entry.Servers.empty()) return;  // a name between others, which the one who told it has looked below
  if (rest.is_used_up() && !entry.ServesMountTable) return;
  if (rest.is_restricted() && rest.size() == 0 && !entry.ServesMountTable) return;
  Place next;
  next.entry = std::move(entry);
  next.pattern = rest;
  next.depth = depth;
  visit(std::move(next));
}

void GlobSearch::emit(GlobReply reply) {
  Waiting waiting;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    waiting = std::move(waiting_);
    waiting_ = nullptr;
    if (waiting == nullptr) {
      found_bytes_ += size_of(reply);
      found_.push_back(std::move(reply));
    }
  }
  if (waiting != nullptr) waiting->complete(Next<GlobReply>(std::move(reply)));
}

Pending<Result<void>> GlobSearch::room() {
  auto state = make_pending<PendingState<Result<void>>>(runtime_->home());
  bool wait = false;
  {
    const std::lock_guard lock(mutex_);
    wait = !ended_ && (found_.size() >= kMaxFound || found_bytes_ >= kMaxFoundBytes);
    if (wait) for_room_.push_back(state);
  }
  if (!wait) state->complete(Result<void>());
  return Pending<Result<void>>(std::move(state));
}

void GlobSearch::looked() {
  Place next;
  {
    const std::lock_guard lock(mutex_);
    if (to_do_.empty() || ended_) {
      if (--under_way_ > 0) return;
    } else {
      next = std::move(to_do_.front());
      to_do_.pop_front();
    }
  }
  if (next.entry.Servers.empty()) return end(scope_.context.error());
  (void)nb::start(runtime_->home(), look(shared_from_this(), std::move(next)));
}

void GlobSearch::end(const Error& why) {
  Waiting waiting;
  std::vector<std::shared_ptr<PendingState<Result<void>>>> for_room;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
    failure_ = why;
    waiting = std::move(waiting_);
    waiting_ = nullptr;
    for_room.swap(for_room_);
    to_do_.clear();
  }
  for (const auto& each : for_room) each->complete(verror::Canceled("the search has ended"));
  if (waiting != nullptr) waiting->complete(why ? Next<GlobReply>(why) : Next<GlobReply>());
}

Pending<Next<GlobReply>> GlobSearch::recv() {
  auto state = make_pending<PendingState<Next<GlobReply>>>(runtime_->home());
  Next<GlobReply> result;
  bool is_there = true;
  std::vector<std::shared_ptr<PendingState<Result<void>>>> for_room;
  {
    const std::lock_guard lock(mutex_);
    if (!found_.empty()) {
      found_bytes_ -= size_of(found_.front());
      result = Next<GlobReply>(std::move(found_.front()));
      found_.pop_front();
      if (found_.size() < kMaxFound / 2 && found_bytes_ < kMaxFoundBytes / 2) for_room.swap(for_room_);
    } else if (ended_) {
      if (failure_) result = Next<GlobReply>(failure_);
    } else {
      is_there = false;
      waiting_ = state;
    }
  }
  for (const auto& each : for_room) each->complete(Result<void>());
  if (is_there) state->complete(std::move(result));
  return Pending<Next<GlobReply>>(std::move(state));
}

void GlobSearch::cancel() {
  scope_.canceler.cancel();
  end(verror::Canceled("the search was given up"));
}

}  // namespace nb::rpc
