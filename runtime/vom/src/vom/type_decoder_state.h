#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>

#include <nb/vdl/type_store.h>
#include <nb/vom/type_decoder.h>

#include "vom/type_prefix.h"
#include "vom/wire_type.h"

namespace nb::vom {

struct TypeDecoder::State {
  explicit State(const Limits& limits);

  // With `mutex` held.
  Result<void> define(TypeId id, bool incomplete, BytesView body);
  std::optional<Type> find(TypeId id) const;
  // The same for version 0x80, whose types are built when they are first used.
  std::optional<Type> find_late(TypeId id);
  Result<void> parse();
  // The types of a stream that begins as `all` does; instead of its type messages.
  void begin_with(const TypePrefix& all) { prefix = &all; }
  bool is_defined(TypeId id) const { return types.contains(id) || pending.contains(id) || in_prefix(id); }

  const Limits limits;
  mutable std::mutex mutex;
  std::optional<TypeStore> store;  // made for the first type that comes
  const TypePrefix* prefix = nullptr;
  std::unordered_map<TypeId, Type> types;
  std::unordered_map<TypeId, WireType> pending;  // read, and not built yet
  std::size_t type_bytes = 0;                    // of all type messages
  std::uint8_t version = 0;                      // 0: not read yet
  Bytes buffer;
  std::size_t at = 0;
  bool finished = false;
  Error error;

 private:
  bool in_prefix(TypeId id) const { return prefix && id >= kFirstUserId && id - kFirstUserId < prefix->types.size(); }
  Result<void> build(TypeId id);
};

}  // namespace nb::vom
