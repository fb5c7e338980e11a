#include <nb/base/error.h>

#include <algorithm>
#include <utility>

#include <nb/base/check.h>

namespace nb {

struct Error::Data {
  std::string id;
  RetryAction action = RetryAction::kNoRetry;
  std::string message;
  std::shared_ptr<const ErrorParams> params;
  std::vector<SubError> sub_errors;
};

namespace {
const std::shared_ptr<const ErrorParams> kNoParams;
}  // namespace

Error::Error(std::string id, RetryAction action, std::string message)
    : Error(std::move(id), action, std::move(message), nullptr) {}

Error::Error(std::string id, RetryAction action, std::string message, std::shared_ptr<const ErrorParams> params)
    : Error(std::move(id), action, std::move(message), std::move(params), {}) {}

Error::Error(std::string id, RetryAction action, std::string message, std::shared_ptr<const ErrorParams> params,
             std::vector<SubError> sub_errors)
    : data_(std::make_shared<Data>(
          Data{std::move(id), action, std::move(message), std::move(params), std::move(sub_errors)})) {
  NB_CHECK(!data_->id.empty(), "an error has an id");
}

std::string_view Error::id() const { return data_ ? std::string_view(data_->id) : std::string_view(); }
RetryAction Error::action() const { return data_ ? data_->action : RetryAction::kNoRetry; }
std::string_view Error::message() const { return data_ ? std::string_view(data_->message) : std::string_view(); }
const std::shared_ptr<const ErrorParams>& Error::params() const { return data_ ? data_->params : kNoParams; }
std::span<const SubError> Error::sub_errors() const {
  return data_ ? std::span<const SubError>(data_->sub_errors) : std::span<const SubError>();
}

Error Error::with_action(RetryAction action) const {
  NB_CHECK(data_, "only an error has an action to change");
  return Error(data_->id, action, data_->message, data_->params, data_->sub_errors);
}

Error Error::with_message(std::string message) const {
  NB_CHECK(data_, "only an error has a message to change");
  return Error(data_->id, data_->action, std::move(message), data_->params, data_->sub_errors);
}

Error Error::with_params(std::shared_ptr<const ErrorParams> params) const {
  NB_CHECK(data_, "only an error has parameters to change");
  return Error(data_->id, data_->action, data_->message, std::move(params), data_->sub_errors);
}

Error Error::with_sub_error(std::string name, Error error) const {
  NB_CHECK(data_, "only an error has sub-errors");
  auto sub_errors = data_->sub_errors;
  sub_errors.push_back(SubError{std::move(name), std::move(error)});
  return Error(data_->id, data_->action, data_->message, data_->params, std::move(sub_errors));
}

bool operator==(const Error& a, const Error& b) {
  if (a.data_ == b.data_) return true;
  if (!a.data_ || !b.data_) return false;
  return a.data_->id == b.data_->id && a.data_->action == b.data_->action && a.data_->message == b.data_->message &&
         (a.data_->params == b.data_->params ||
          (a.data_->params && b.data_->params && a.data_->params->equals(*b.data_->params))) &&
         std::ranges::equal(a.data_->sub_errors, b.data_->sub_errors, [](const SubError& x, const SubError& y) {
           return x.name == y.name && x.error == y.error;
         });
}

}  // namespace nb
