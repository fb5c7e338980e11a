// Calls to mount tables whose servers are known.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nb/base/context.h>
#include <nb/rpc/client.h>

#include "rpc/resolver.h"

namespace nb::rpc {

// Asks whichever of the entry's servers answers. The options are those of the one for whom the table is asked.
template <class R, class... Args>
Call<R> call_table(const std::shared_ptr<RuntimeCore>& runtime, const Context& context, MountEntry entry,
                   const CallOptions& options, std::string_view method, Args&&... args) {
  CallOptions at = for_mount_tables(options);
  const std::string name = entry.Name;
  at.preresolved(std::move(entry));
  return Object(runtime, name, CallOptions()).call<R>(with_patience(context), at, method, std::forward<Args>(args)...);
}

}  // namespace nb::rpc
