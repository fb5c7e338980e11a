#include <nb/vom/decoder.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nb/vom/primitive.h>
#include <nb/vom/vom.h>

#include "vom/dynamic_reader.h"
#include "vom/message.h"
#include "vom/parse.h"
#include "vom/type_decoder_state.h"
#include "vom/value_header.h"

namespace nb::vom {

namespace {
std::string shorten(const Type& type) {
  if (!type.name().empty()) return std::string(type.name());
  std::string text = type.to_string();
  if (text.size() > 200) text.replace(200, std::string::npos, "...");
  return text;
}
}  // namespace

struct Decoder::State {
  explicit State(const Limits& limits) : limits(limits) {}

  const Limits limits;
  std::unique_ptr<TypeDecoder> own_types;  // null in split mode
  TypeDecoder* types = nullptr;
  MessageContext* context = nullptr;

  Bytes buffer;
  std::size_t at = 0;  // of the next message, or of the value that was found
  std::uint8_t version = 0;
  bool finished = false;
  Error error;                           // of the stream
  const TypePrefix* expected = nullptr;  // how an interleaved stream probably begins

  // The value that was found. Of its message, the header may be read in part: then the type is known.
  ValueHeader header;
  bool has_value = false;
  Type type;
  std::size_t body_at = 0, body_size = 0;    // what is read
  std::size_t lists_at = 0, lists_size = 0;  // the whole body, which any lengths and kept messages refer to
  std::size_t after = 0;                     // of the next message
  Message message;

  // Is a wire type the target's? The answer for the last pair asked.
  Type last_wire, last_target;
  bool last_same = true;

  Step fail(const Error& why) {
    error = why;
    return {Step::kError, 0, why};
  }
  std::optional<Type> find(TypeId id) {
    if (!own_types) return types->find(id);
    if (version == 0x80) return own_types->state_->find_late(id);
    return own_types->state_->find(id);
  }
  Step step();
  Step short_of_bytes();
  Step header_of(Cursor& cursor, TypeId id);
  Step value(Cursor& cursor);
  Step lacks_type(TypeId id);
  bool unwrap_any();
};

Decoder::Decoder(const Limits& limits) : state_(std::make_unique<State>(limits)) {
  state_->own_types = std::make_unique<TypeDecoder>(limits);
  state_->types = state_->own_types.get();
}
Decoder::Decoder(TypeDecoder& types, const Limits& limits) : state_(std::make_unique<State>(limits)) {
  state_->types = &types;
}
Decoder::~Decoder() = default;

void Decoder::feed(BytesView bytes) {
  auto& s = *state_;
  // Only when what is moved is less than what was read since: a slow reader of a full window moves little.
  if (s.at > 0 && s.at >= s.buffer.size() / 2 && !s.has_value) {
    s.buffer.erase(s.buffer.begin(), s.buffer.begin() + static_cast<std::ptrdiff_t>(s.at));
    s.at = 0;
  }
  s.buffer.insert(s.buffer.end(), bytes.begin(), bytes.end());
}

void Decoder::expect(const Type& type) {
  if (state_->own_types && state_->version == 0) state_->expected = prefix_of(type);
}

void Decoder::finish() { state_->finished = true; }
std::size_t Decoder::unread() const { return state_->buffer.size() - state_->at; }
void Decoder::shrink() {
  auto& s = *state_;
  if (s.has_value || s.at < s.buffer.size()) return;
  s.buffer = Bytes();  // from {} a vector keeps its memory
  s.at = 0;
}
void Decoder::set_context(MessageContext* context) { state_->context = context; }

Step Decoder::step() {
  auto& s = *state_;
  if (s.error) return {Step::kError, 0, s.error};
  if (s.has_value) return {Step::kValue, 0, {}};
  return s.step();
}

Step Decoder::State::step() {
  if (version == 0) {
    if (at == buffer.size()) return short_of_bytes();
    if (expected && buffer.size() >= expected->bytes.size() &&
        std::equal(expected->bytes.begin(), expected->bytes.end(), buffer.begin())) {
      own_types->state_->begin_with(*expected);
      version = kVersion;
      at = expected->bytes.size();
    } else if (auto checked = check_version(buffer[at], limits); !checked) {
      return fail(checked.error());
    } else {
      version = buffer[at++];
    }
  }
  while (true) {
    if (at == buffer.size()) return finished ? Step{Step::kEnd, 0, {}} : Step{};
    Cursor cursor(BytesView(buffer).subspan(at));
    if (header.is_begun()) {
      cursor.bytes(header.position());
      return value(cursor);
    }
    const bool incomplete = version != 0x80 && cursor.take_control(kTypeIncomplete);
    const std::int64_t id = cursor.signed_number();
    if (cursor.failed()) return fail(cursor.error());
    if (cursor.is_short()) return short_of_bytes();
    if (id == 0) return fail(malformed("message id 0"));
    if (id > 0) {
      if (incomplete) return fail(malformed("a value is marked as an incomplete type"));
      return header_of(cursor, static_cast<TypeId>(id));
    }
    if (!own_types) return fail(malformed("a type message in the stream of values"));
    const BytesView body = parse_type_body(cursor, limits);
    if (cursor.failed()) return fail(cursor.error());
    if (cursor.is_short()) return short_of_bytes();
    auto& types_state = *own_types->state_;
    // 0x80 marks nothing: there every type waits for its first use.
    const bool waits = incomplete || version == 0x80;
    if (auto defined = types_state.define(~static_cast<std::uint64_t>(id) + 1, waits, body); !defined) {
      return fail(defined.error());
    }
    at += cursor.position();
  }
}

Step Decoder::State::short_of_bytes() {
  if (!finished) return {};
  return fail(at == buffer.size() && version == 0 ? cut_short("an empty stream") : cut_short("a message"));
}

Step Decoder::State::lacks_type(TypeId id) {
  // In an interleaved stream, and for built-in types anywhere, waiting would not help.
  if (own_types || id < kFirstUserId) return fail(malformed("type " + std::to_string(id) + " is not defined"));
  if (types->error()) return fail(types->error());
  if (types->is_finished()) return fail(cut_short("the stream of types, before type " + std::to_string(id)));
  return {Step::kNeedType, id, {}};
}

Step Decoder::State::header_of(Cursor& cursor, TypeId id) {
  auto found = find(id);
  if (!found) return lacks_type(id);
  type = std::move(*found);
  header.begin(type, cursor.position(), version != 0x80);
  return value(cursor);
}

Step Decoder::State::value(Cursor& cursor) {
  TypeId missing = 0;
  const bool read = header.read(
      cursor, limits, [this](TypeId id) { return find(id); }, missing);
  if (!read && missing != 0) return lacks_type(missing);
  // How long the body is: it says so, or its kind does.
  std::uint64_t size = 0;
  std::size_t start = cursor.position();
  if (has_length(type)) {
    size = cursor.number();
    start = cursor.position();
    if (size > limits.max_message_bytes) cursor.fail("a message is too long");
    if (!cursor.stopped() && size == 0) cursor.fail("a message without a body");
    cursor.bytes(size);
  } else if (type.kind() == Kind::kArray) {
    size = type.len() + 1;  // of bytes
    cursor.bytes(size);
  } else if (type.kind() == Kind::kString || type.kind() == Kind::kList) {
    const std::uint64_t length = cursor.number();
    if (length > limits.max_length || length > limits.max_message_bytes) cursor.fail("a length beyond the limit");
    cursor.bytes(length);
  } else if (type.kind() == Kind::kBool || (type.kind() == Kind::kByte && version == 0x80)) {
    cursor.bytes(1);
  } else {
    cursor.number();
  }
  if (cursor.failed()) return fail(cursor.error());
  if (cursor.is_short()) return short_of_bytes();

  has_value = true;
  header.end();
  after = at + cursor.position();
  lists_at = body_at = at + start;
  lists_size = body_size = cursor.position() - start;
  message = Message();
  if (type.kind() == Kind::kAny && version != 0x80 && !unwrap_any()) return {Step::kError, 0, error};
  return {Step::kValue, 0, {}};
}

// An any at top level stands for what it holds (docs/spec/vom.md 5.4).
bool Decoder::State::unwrap_any() {
  Cursor cursor(BytesView(buffer).subspan(body_at, body_size));
  if (cursor.take_control(kNil)) return true;
  const std::uint64_t type_index = cursor.number(), length_index = cursor.number();
  const bool fine = !cursor.stopped() && type_index < header.types.size() && length_index < header.any_lengths.size() &&
                    header.types[static_cast<std::size_t>(type_index)].kind() != Kind::kAny &&
                    header.any_lengths[static_cast<std::size_t>(length_index)] == body_size - cursor.position();
  if (!fine) {
    has_value = false;
    error = malformed("an any that does not hold a value");
    return false;
  }
  type = header.types[static_cast<std::size_t>(type_index)];
  body_at += cursor.position();
  body_size -= cursor.position();
  return true;
}

const Type& Decoder::type() const { return state_->type; }

bool Decoder::is_exactly(const Type& target) {
  auto& s = *state_;
  NB_CHECK(s.has_value, "step() found a value");
  if (s.version == 0x80) return false;
  if (s.type.node() == target.node()) return true;
  if (s.last_wire.node() != s.type.node() || s.last_target.node() != target.node()) {
    s.last_wire = s.type;
    s.last_target = target;
    s.last_same = s.type == target;
  }
  return s.last_same;
}

Reader Decoder::reader() {
  auto& s = *state_;
  NB_CHECK(s.has_value, "step() found a value");
  s.message.types = s.header.types;
  s.message.any_lengths = s.header.any_lengths;
  s.message.body = BytesView(s.buffer).subspan(s.lists_at, s.lists_size);
  const std::uint8_t* begin = s.buffer.data() + s.body_at;
  return Reader(s.message, begin, begin + s.body_size, s.limits, s.context);
}

Result<void> Decoder::done(Reader& reader, bool read) {
  auto& s = *state_;
  if (read && reader.left() != 0) read = reader.fail("bytes left over behind the value");
  s.has_value = false;
  s.at = s.after;
  s.message = Message();
  if (!read) return reader.error();
  return {};
}

Result<void> Decoder::skip() {
  auto& s = *state_;
  NB_CHECK(s.has_value, "step() found a value");
  s.has_value = false;
  s.at = s.after;
  return {};
}

Result<Value> Decoder::dynamic() {
  auto& s = *state_;
  Reader body = reader();
  std::optional<DynamicReader> dynamic;
  if (s.version == 0x80) {
    dynamic.emplace(body, [&s](TypeId id) { return s.find(id); });
  } else {
    dynamic.emplace(body);
  }
  Value value;
  const bool read = dynamic->read(s.type, value);
  if (auto read_all = done(body, read); !read_all) return read_all.error();
  if (value.kind() == Kind::kAny && !value.is_nil()) return value.elem();
  return value;
}

Result<Value> Decoder::converted(const Type& target) {
  const Type wire = type();
  if (!compatible(wire, target)) {
    (void)skip();
    return Error("v.io/v23/verror.BadArg", RetryAction::kNoRetry,
                 "a value of type `" + shorten(wire) + "` cannot become `" + shorten(target) + "`");
  }
  auto value = dynamic();
  if (!value) return value;
  return convert(*value, target, max_decoded_bytes());
}

Result<Any> Decoder::undecoded() {
  auto& s = *state_;
  NB_CHECK(s.has_value, "step() found a value");
  if (s.version == 0x80 || s.type.kind() == Kind::kAny) {
    auto value = dynamic();
    if (!value) return value.error();
    return Any(std::move(*value));
  }
  Reader body = reader();
  Any any(std::make_shared<RawValue>(s.message.keep(s.limits), s.type, s.body_at - s.lists_at, s.body_size));
  (void)skip();
  return any;
}

std::uint64_t Decoder::max_decoded_bytes() const { return state_->limits.max_decoded_bytes; }

Error Decoder::no_value() {
  const Step found = step();
  switch (found.kind) {
    case Step::kError:
      return found.error;
    case Step::kNeedType:
      return malformed("type " + std::to_string(found.type_id) + " is not known yet");
    default:
      return cut_short("the stream, before a value");
  }
}

Error trailing_bytes(std::size_t count) {
  return malformed(std::to_string(count) + " bytes left over behind the value");
}

}  // namespace nb::vom
