// Arguments whose number and types are known only at run time.
#pragma once

#include <span>
#include <vector>

#include <nb/rpc/value_ops.h>
#include <nb/vdl/any.h>

namespace tool {

// To be handed to Object::stream in the place of the arguments; each is sent as one of the type that it holds.
struct DynamicArguments {
  std::vector<nb::Any> values;
};

}  // namespace tool

namespace nb::rpc {

template <>
class ValuesOf<tool::DynamicArguments> final : public Values {
 public:
  explicit ValuesOf(tool::DynamicArguments arguments) : arguments_(std::move(arguments)) {
    for (const Any& each : arguments_.values) refs_.push_back(ValueRef{&kValueOps<Any>, &each});
  }
  ValuesOf(const ValuesOf&) = delete;
  ValuesOf& operator=(const ValuesOf&) = delete;
  std::span<const ValueRef> refs() const override { return refs_; }

 private:
  const tool::DynamicArguments arguments_;
  std::vector<ValueRef> refs_;
};

}  // namespace nb::rpc
