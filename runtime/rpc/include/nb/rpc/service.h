// Service: an object that can be served. Generated server classes (calc::CalcServer) derive from it; programs derive
// from those. Methods may be called from several threads at once, unless the server's handlers say otherwise.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <nb/rpc/descriptor.h>
#include <nb/rpc/executor.h>
#include <nb/rpc/server_call.h>
#include <nb/rpc/server_stream.h>
#include <nb/rpc/value_ops.h>

namespace nb {

class Service;

namespace rpc {

// One invocation of a method: the arguments' places, then the running method, then its results.
class Invocation {
 public:
  virtual ~Invocation() = default;
  virtual std::span<const SlotRef> arguments() = 0;
  // Calls the method on this thread. False: it has ended. True: it runs on as a coroutine, brought back to `where` by
  // what it awaits, and calls `done` at its end (perhaps before this returns).
  virtual bool start(Service& object, ServerCall& call, ServerStreamCore& stream, const Executor& where,
                     std::function<void()> done) = 0;
  // Once it has ended: its error, or the results.
  virtual Error finish() = 0;
  virtual std::span<const ValueRef> results() const = 0;
};

}  // namespace rpc

// A method by its name in VDL and how to invoke it; made by nb::bind.
struct MethodBinding {
  std::string_view name;
  std::unique_ptr<rpc::Invocation> (*make)();
};

// What a class of services offers. Own interface first, then those it embeds, directly and indirectly; every method of
// all of them is bound.
struct ServiceDescriptor {
  std::vector<const InterfaceDescriptor*> interfaces;
  std::vector<MethodBinding> methods;

  const MethodBinding* find(std::string_view method) const;                // null if there is none
  const MethodDescriptor* find_descriptor(std::string_view method) const;  // null if there is none
};

class Service {
 public:
  virtual ~Service() = default;
  virtual const ServiceDescriptor& service_descriptor() const = 0;
};

}  // namespace nb
