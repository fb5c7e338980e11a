#include <nb/vdl/error_def.h>

#include <algorithm>

#include <nb/vdl/codec.h>

namespace nb {

bool ErrorParamList::equals(const ErrorParams& other) const {
  const auto* list = dynamic_cast<const ErrorParamList*>(&other);
  return list && list->values_ == values_;
}

std::span<const Any> error_params(const Error& error) {
  const auto* list = dynamic_cast<const ErrorParamList*>(error.params().get());
  return list ? std::span<const Any>(list->values()) : std::span<const Any>();
}

std::string display(const Any& param) {
  const auto value = param.vdl();
  if (!value) return param.to_string();
  switch (value->kind()) {
    case Kind::kString:
      return value->as_string();
    case Kind::kByte:
    case Kind::kUint16:
    case Kind::kUint32:
    case Kind::kUint64:
      return std::to_string(value->as_unsigned());
    case Kind::kInt8:
    case Kind::kInt16:
    case Kind::kInt32:
    case Kind::kInt64:
      return std::to_string(value->as_signed());
    case Kind::kBool:
      return value->as_bool() ? "true" : "false";
    case Kind::kEnum:
      return std::string(value->label());
    default:
      break;
  }
  if (value->type() == Type::error()) {
    const auto error = from_value<std::optional<Error>>(*value);
    if (error) return *error ? std::string((*error)->message()) : "no error";
  }
  std::string literal = value->to_string();
  // A float reads as a number, without the type around it.
  if (value->kind() == Kind::kFloat32 || value->kind() == Kind::kFloat64) {
    const auto open = literal.find('(');
    literal = literal.substr(open + 1, literal.size() - open - 2);
  }
  return literal;
}

std::string format_message(std::string_view format, std::span<const std::string_view> names,
                           std::span<const Any> params) {
  std::string text;
  while (!format.empty()) {
    const auto open = format.find('{');
    const auto close = open == std::string_view::npos ? open : format.find('}', open);
    if (close == std::string_view::npos) break;
    const auto name = format.substr(open + 1, close - open - 1);
    const auto found = std::ranges::find(names, name);
    text += format.substr(0, open);
    if (found != names.end() && static_cast<std::size_t>(found - names.begin()) < params.size()) {
      text += display(params[static_cast<std::size_t>(found - names.begin())]);
    } else {
      text += format.substr(open, close - open + 1);
    }
    format.remove_prefix(close + 1);
  }
  return text.append(format);
}

namespace vdl {

Error make_error(std::string_view id, RetryAction action, std::string_view format,
                 std::span<const std::string_view> names, std::vector<Any> params) {
  std::string message = format.empty() ? std::string(id) : format_message(format, names, params);
  params.insert(params.begin(), 2, Any(""));
  return Error(std::string(id), action, std::move(message), std::make_shared<ErrorParamList>(std::move(params)));
}

}  // namespace vdl
}  // namespace nb
