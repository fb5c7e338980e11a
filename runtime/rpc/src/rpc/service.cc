#include <nb/rpc/service.h>

#include <algorithm>
#include <exception>

#include <nb/base/verror.h>
#include <nb/rpc/handlers.h>
#include <nb/rpc/reply.h>

namespace nb {

const MethodBinding* ServiceDescriptor::find(std::string_view method) const {
  const auto found =
      std::find_if(methods.begin(), methods.end(), [&](const auto& each) { return each.name == method; });
  return found == methods.end() ? nullptr : &*found;
}

const MethodDescriptor* ServiceDescriptor::find_descriptor(std::string_view method) const {
  for (const InterfaceDescriptor* interface : interfaces) {
    for (const MethodDescriptor& each : interface->methods) {
      if (each.name == method) return &each;
    }
  }
  return nullptr;
}

Handlers in_place() { return Handlers(std::size_t{0}); }
Handlers pool(std::size_t threads) { return Handlers(std::max<std::size_t>(threads, 1)); }

Error rpc::error_of_exception(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& caught) {
    return verror::Internal(std::string("the method threw an exception: ") + caught.what());
  } catch (...) {
    return verror::Internal("the method threw something that is not a std::exception");
  }
}

}  // namespace nb
