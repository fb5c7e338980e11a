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
#include "rpc/reserved_names.h"
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
SecurityCall security_for(const ServerCall& call, std::string suffix, const Any& tag) {
  SecurityCall security = call.security();
  security.suffix = std::move(suffix);
  security.method_tags = {tag};
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

Result<std::vector<InterfaceSignature>> signature_of(Service& object, ServerCall& call) {
  auto* const dynamic = dynamic_cast<HasSignature*>(&object);
  if (dynamic == nullptr) return signatures_of(object.service_descriptor());
  try {
    return dynamic->signature(call);
  } catch (...) {
    return error_of_exception(std::current_exception());
  }
}

Result<MethodSignature> method_signature_of(Service& object, ServerCall& call, const std::string& method) {
  if (auto* const dynamic = dynamic_cast<HasSignature*>(&object)) {
    try {
      return dynamic->method_signature(call, method);
    } catch (...) {
      return error_of_exception(std::current_exception());
    }
  }
  const std::vector<InterfaceSignature> interfaces = signatures_of(object.service_descriptor());
  const MethodSignature* const described = find_method(interfaces, method);
  if (described == nullptr) return verror::UnknownMethod(method);
  return *described;
}

// As it stands in signatures; called, its methods have "__" before their names.
const InterfaceDescriptor& reserved_interface() {
  static const InterfaceDescriptor descriptor = [] {
    InterfaceDescriptor interface;
    interface.name = "__Reserved";
    interface.doc = "What every server answers, at each of its names.";
    MethodDescriptor& glob = interface.methods.emplace_back();
    glob.name = "Glob";
    glob.doc = "Streams the names below this one that match the pattern.";
    glob.in_args.push_back({"pattern", "", Type::string()});
    glob.in_stream = ArgDescriptor{"", "", Type::any()};  // as Go's servers describe it
    glob.out_stream = ArgDescriptor{"", "What matches, as naming.GlobReply.", Type::any()};
    MethodDescriptor& method_signature = interface.methods.emplace_back();
    method_signature.name = "MethodSignature";
    method_signature.doc = "Describes one method.";
    method_signature.in_args.push_back({"method", "The name of the method.", Type::string()});
    method_signature.out_args.push_back({"", "", Codec<MethodSignature>::type()});
    MethodDescriptor& signature = interface.methods.emplace_back();
    signature.name = "Signature";
    signature.doc = "Describes all interfaces of the object.";
    signature.out_args.push_back({"", "", Codec<std::vector<InterfaceSignature>>::type()});
    return interface;
  }();
  return descriptor;
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
  const bool is_reserved = naming::is_reserved(receiver) || (receiver.empty() && naming::is_reserved(pattern));
  Dispatcher* const dispatcher = is_reserved ? server_.reserved_dispatcher() : &server_.dispatcher();
  if (dispatcher == nullptr) co_return kGlobNotImplemented();
  const Any tag = is_reserved ? Any(v23::security::access::Debug()) : Any(v23::security::access::Resolve());

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
    auto found = object_at(*dispatcher, call.context(), suffix);
    if (!found || found->object == nullptr) {
      const Error why = found ? verror::NoExist(suffix) : verror::NoExist(found.error().message());
      auto told = replies.send(failure_of(place.name, why));
      if (auto sent = co_await std::move(told); !sent) co_return sent.error();
      continue;
    }
    const SecurityCall security = security_for(call, suffix, tag);
    const auto authorizer = is_reserved ? reserved_authorizer(found->authorizer) : found->authorizer;
    if (server_.authority().decide(call.context(), security, authorizer.get())) {
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
      if (child.empty() || child.find('/') != std::string::npos) {
        why = verror::Internal(std::string(verror::BadArg("`" + child + "` is no name of a child").message()));
      } else if (place.pattern.matches_head(child)) {
        places.emplace_back(joined(place.name, child), place.pattern.tail(), depth);
      }
    }
    if (why) {
      auto told = replies.send(failure_of(place.name, why));
      if (auto sent = co_await std::move(told); !sent) co_return sent.error();
    }
  }
  if (some_were_left_out) {
    auto told = replies.send(failure_of("", kGlobMatchesOmitted()));
    if (auto sent = co_await std::move(told); !sent) co_return sent.error();
  }
  co_return {};
}

Dispatcher* ReservedMethods::dispatcher_for(const std::string& suffix) const {
  return naming::is_reserved(suffix) ? server_.reserved_dispatcher() : &server_.dispatcher();
}

Reply<std::vector<InterfaceSignature>> ReservedMethods::signature(ServerCall& call) {
  Dispatcher* const dispatcher = dispatcher_for(call.suffix());
  if (dispatcher == nullptr) return verror::UnknownSuffix(call.suffix());
  auto found = object_at(*dispatcher, call.context(), call.suffix());
  if (!found) return found.error();
  if (found->object == nullptr) return verror::UnknownSuffix(call.suffix());
  auto interfaces = signature_of(*found->object, call);
  if (!interfaces) return interfaces.error();
  InterfaceSignature reserved = signatures_of(service_descriptor()).front();
  for (MethodSignature& each : reserved.Methods) each.Name = "__" + each.Name;
  interfaces->push_back(std::move(reserved));
  return cleaned_signatures(*std::move(interfaces));
}

Reply<MethodSignature> ReservedMethods::method_signature(ServerCall& call, std::string method) {
  if (naming::is_reserved(method)) {
    const std::vector<InterfaceSignature> reserved = signatures_of(service_descriptor());
    const MethodSignature* const described = find_method(reserved, std::string_view(method).substr(2));
    if (described == nullptr) return verror::UnknownMethod(method);
    return *described;
  }
  Dispatcher* const dispatcher = dispatcher_for(call.suffix());
  if (dispatcher == nullptr) return verror::UnknownMethod("__MethodSignature");
  auto found = object_at(*dispatcher, call.context(), call.suffix());
  if (!found) return found.error();
  if (found->object == nullptr) return verror::UnknownMethod("__MethodSignature");
  return method_signature_of(*found->object, call, method);
}

const ServiceDescriptor& ReservedMethods::service_descriptor() const {
  static const ServiceDescriptor descriptor{
      {&reserved_interface()},
      {bind<&ReservedMethods::glob>("__Glob"), bind<&ReservedMethods::method_signature>("__MethodSignature"),
       bind<&ReservedMethods::signature>("__Signature")}};
  return descriptor;
}

}  // namespace nb::rpc
