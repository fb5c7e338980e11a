#include "rpc/reserved_methods.h"

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include <nb/base/verror.h>
#include <nb/rpc/bind.h>
#include <nb/rpc/glob.h>

#include "naming/glob.h"
#include "naming/names.h"
#include "rpc/errors.h"
#include "rpc/server_core.h"
#include "v.io/v23/security/access/access.vdl.h"

namespace nb::rpc {

namespace {

using v23::naming::GlobError;
using v23::naming::GlobReply;
using v23::naming::MountEntry;
using Replies = ServerStream<void, GlobReply>;

constexpr std::size_t kMostLevels = 10;
// What waits to be looked at; an object with more children than this lists them itself.
constexpr std::size_t kMaxPlaces = 100'000;

struct Place {
  Place(std::string name_, naming::Glob pattern_, std::size_t depth_)
      : name(std::move(name_)), pattern(std::move(pattern_)), depth(depth_) {}
  std::string name;  // below the receiver
  naming::Glob pattern;
  std::size_t depth;  // how many objects only because the pattern is recursive
};

std::string joined(const std::string& name, const std::string& below) {
  return name.empty() ? below : below.empty() ? name : name + "/" + below;
}

GlobReply entry(std::string name, bool is_leaf) {
  return GlobReply::Entry(MountEntry(std::move(name), {}, false, is_leaf));
}
GlobReply failure_of(std::string name, Error error) {
  return GlobReply::Error(GlobError(std::move(name), std::move(error)));
}

// What an object lists gets the object's name before it.
class RepliesBelow final : public GlobReplies {
 public:
  RepliesBelow(Replies& replies, std::string name) : replies_(replies), name_(std::move(name)) {}
  Pending<Result<void>> send(GlobReply reply) override {
    reply.visit([this](GlobReply::Entry& each) { each.value.Name = joined(name_, each.value.Name); },
                [this](GlobReply::Error& each) { each.value.Name = joined(name_, each.value.Name); });
    return replies_.send(std::move(reply));
  }

 private:
  Replies& replies_;
  const std::string name_;
};

// A call of the same client for another object.
SecurityCall security_for(const ServerCall& call, std::string suffix) {
  SecurityCall security = call.security();
  security.suffix = std::move(suffix);
  security.method_tags = {Any(v23::security::access::Resolve())};
  return security;
}

Result<Dispatched> object_at(Dispatcher& dispatcher, const Context& context, const std::string& suffix) {
  try {
    return dispatcher.lookup(context, suffix);
  } catch (...) {
    return error_of_exception(std::current_exception());
  }
}

Result<std::vector<std::string>> children_of(HasChildren& object, ServerCall& call) {
  try {
    return object.children(call);
  } catch (...) {
    return error_of_exception(std::current_exception());
  }
}

Task<Result<void>> list(ListsEverything& object, ServerCall& call, std::string pattern, RepliesBelow& replies) {
  Error failure;
  try {
    auto listing = object.glob(call, std::move(pattern), replies);
    co_return co_await std::move(listing);
  } catch (...) {
    failure = error_of_exception(std::current_exception());
  }
  co_return failure;
}

}  // namespace

Reply<void> ReservedMethods::glob(ServerCall& call, std::string pattern, Replies& replies) {
  auto parsed = naming::Glob::parse(pattern);
  if (!parsed) co_return parsed.error();
  const std::string receiver = call.suffix();
  if (naming::is_reserved(receiver) || (receiver.empty() && naming::is_reserved(pattern))) {
    co_return kGlobNotImplemented();
  }

  bool some_were_left_out = false;
  std::deque<Place> places;
  places.emplace_back("", *std::move(parsed), 0);
  while (!places.empty() && !call.cancelled()) {
    Place place = std::move(places.front());
    places.pop_front();
    if (place.depth > kMostLevels) {
      auto told = replies.send(failure_of(place.name, kGlobMaxRecursionReached()));
      if (auto sent = co_await std::move(told); !sent) co_return sent.error();
      continue;
    }
    const std::string suffix = joined(receiver, place.name);
    auto found = object_at(server_.dispatcher(), call.context(), suffix);
    if (!found || found->object == nullptr) {
      const Error why = found ? verror::NoExist(suffix) : verror::NoExist(found.error().message());
      auto told = replies.send(failure_of(place.name, why));
      if (auto sent = co_await std::move(told); !sent) co_return sent.error();
      continue;
    }
    const SecurityCall security = security_for(call, suffix);
    if (server_.authority().decide(call.context(), security, found->authorizer.get())) {
      some_were_left_out = true;
      continue;
    }
    ServerCall object_call(call.context(), security, call.granted_blessings());
    Service* const object = found->object.get();
    if (auto* const lister = dynamic_cast<ListsEverything*>(object)) {
      RepliesBelow below(replies, place.name);
      auto listing = list(*lister, object_call, place.pattern.to_string(), below);
      if (auto listed = co_await std::move(listing); !listed) {
        auto told = replies.send(failure_of(place.name, verror::Internal(listed.error().message())));
        if (auto sent = co_await std::move(told); !sent) co_return sent.error();
      }
      continue;
    }
    auto* const parent = dynamic_cast<HasChildren*>(object);
    const bool is_match = place.pattern.size() == 0;
    if (is_match || parent == nullptr) {
      GlobReply reply = is_match ? entry(place.name, parent == nullptr) : failure_of(place.name, kGlobNotImplemented());
      auto told = replies.send(std::move(reply));
      if (auto sent = co_await std::move(told); !sent) co_return sent.error();
    }
    if (parent == nullptr || place.pattern.is_used_up()) continue;
    auto children = children_of(*parent, object_call);
    Error why;
    if (!children) {
      why = verror::Internal(children.error().message());
    } else if (places.size() + children->size() > kMaxPlaces) {
      why = verror::Internal("there are too many names here to be listed one by one");
    }
    if (why) {
      auto told = replies.send(failure_of(place.name, why));
      if (auto sent = co_await std::move(told); !sent) co_return sent.error();
      continue;
    }
    const std::size_t depth = place.depth + (is_match ? 1 : 0);
    for (const std::string& child : *children) {
      if (child.empty() || child.find('/') != std::string::npos || !place.pattern.matches_head(child)) continue;
      places.emplace_back(joined(place.name, child), place.pattern.tail(), depth);
    }
  }
  if (some_were_left_out) {
    auto told = replies.send(failure_of("", kGlobMatchesOmitted()));
    if (auto sent = co_await std::move(told); !sent) co_return sent.error();
  }
  co_return {};
}

const ServiceDescriptor& ReservedMethods::service_descriptor() const {
  static const ServiceDescriptor descriptor{{}, {bind<&ReservedMethods::glob>("__Glob")}};
  return descriptor;
}

}  // namespace nb::rpc
