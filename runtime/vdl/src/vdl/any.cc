#include <nb/vdl/any.h>

#include <utility>

#include <nb/base/check.h>

namespace nb {

namespace {

class BrokenValue final : public UndecodedValue {
 public:
  BrokenValue(Type type, Error error) : type_(std::move(type)), error_(std::move(error)) {}
  const Type& type() const override { return type_; }
  Result<Value> decode() const override { return error_; }

 private:
  Type type_;
  Error error_;
};

}  // namespace

namespace vdl {
std::shared_ptr<const UndecodedValue> broken_value(Type type, Error error) {
  return std::make_shared<BrokenValue>(std::move(type), std::move(error));
}
}  // namespace vdl

Any::Any(Value value) {
  if (value.kind() != Kind::kAny) {
    value_ = std::move(value);
  } else if (!value.is_nil()) {
    value_ = value.elem();
  }
}
Any::Any(std::shared_ptr<const UndecodedValue> undecoded) : undecoded_(std::move(undecoded)) {
  NB_CHECK(undecoded_ && undecoded_->type().kind() != Kind::kAny, "an any holds no any");
}
Any::Any(std::string_view text) : Any(Value::string(std::string(text))) {}

Type Any::type() const {
  if (undecoded_) return undecoded_->type();
  return value_.type();
}

const Value& Any::decoded() const { return value_; }

Result<Value> Any::vdl() const {
  if (undecoded_) return undecoded_->decode();
  return decoded();
}

std::string Any::to_string() const {
  const auto value = vdl();
  return value ? value->to_string() : "<malformed: " + std::string(value.error().message()) + ">";
}

bool operator==(const Any& a, const Any& b) {
  const auto x = a.vdl(), y = b.vdl();
  return x && y && *x == *y;
}

}  // namespace nb
