// Error: what a failed operation answers with (docs/spec/rpc.md section 9).
//
// An error is an id that programs compare ("v.io/v23/verror.NoExist"), an action that says whether trying again may
// help, a message for people, parameters, and errors that led to it. It is one pointer: cheap to copy, shared,
// immutable, safe to use from any thread. A default-made Error is "no error": its id is empty.
//
// The parameters are VDL values; this layer carries them without knowing what they are (see <nb/vdl/error_def.h>).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nb {

// What a caller may do after the error (v.io/v23/vdl.WireRetryCode; the numbers are the wire's).
enum class RetryAction : std::uint8_t { kNoRetry = 0, kRetryConnection = 1, kRetryRefetch = 2, kRetryBackoff = 3 };

// The spelling that generated code uses.
inline constexpr RetryAction NoRetry = RetryAction::kNoRetry;
inline constexpr RetryAction RetryConnection = RetryAction::kRetryConnection;
inline constexpr RetryAction RetryRefetch = RetryAction::kRetryRefetch;
inline constexpr RetryAction RetryBackoff = RetryAction::kRetryBackoff;

// Parameters of an error, opaque here; the vdl layer derives from it.
class ErrorParams {
 public:
  virtual ~ErrorParams() = default;
  virtual bool equals(const ErrorParams& other) const { return this == &other; }
};

class Error;

// An error that led to another one, with a name that says where ("server 10.0.0.7:8101").
struct SubError;

class [[nodiscard]] Error {
 public:
  Error() = default;  // no error
  Error(std::string id, RetryAction action, std::string message);
  Error(std::string id, RetryAction action, std::string message, std::shared_ptr<const ErrorParams> params);
  Error(std::string id, RetryAction action, std::string message, std::shared_ptr<const ErrorParams> params,
        std::vector<SubError> sub_errors);

  std::string_view id() const;                               // "" for no error
  RetryAction action() const;                                // kNoRetry for no error
  std::string_view message() const;                          // "" for no error; formatted when the error was made
  const std::shared_ptr<const ErrorParams>& params() const;  // null when there are none
  std::span<const SubError> sub_errors() const;

  explicit operator bool() const { return data_ != nullptr; }  // true: there is an error

  // Equality of errors is equality of ids (docs/spec/rpc.md 9.1); for everything else compare the parts.
  bool is(std::string_view id) const { return this->id() == id; }

  // The same error with another action, message, parameters or with one more sub-error. Copies.
  Error with_action(RetryAction action) const;
  Error with_message(std::string message) const;
  Error with_params(std::shared_ptr<const ErrorParams> params) const;
  Error with_sub_error(std::string name, Error error) const;

  // Content, sub-errors included; used when an error is a field of a generated struct.
  friend bool operator==(const Error& a, const Error& b);

 private:
  struct Data;
  // Shared: every copy of an error is one of its owners, and nobody can change it.
  std::shared_ptr<const Data> data_;
};

struct SubError {
  std::string name;
  Error error;
};

}  // namespace nb
