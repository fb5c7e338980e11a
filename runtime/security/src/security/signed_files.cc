#include "security/signed_files.h"

#include <utility>

#include <nb/base/verror.h>

#include "security/signed_data.h"

namespace nb::security {
namespace {

// The mode of other files that programs make: the folder itself keeps others out.
constexpr unsigned kMode = 0666;

std::string fresh(const std::string& path) { return path + ".new"; }

}  // namespace

SignedFiles::SignedFiles(std::shared_ptr<FileOperations> files, std::string folder, const std::string& name,
                         PublicKey key)
    : files_(std::move(files)),
      folder_(std::move(folder)),
      data_(folder_ + '/' + name + ".data"),
      signature_(folder_ + '/' + name + ".sig"),
      key_(std::move(key)) {}

Result<SignedFiles::Found> SignedFiles::find(Leftovers leftovers) const {
  Error why;
  bool missing_both = false;
  // The pair itself first: what is left of an older save counts only where it is not whole.
  for (const auto& [new_data, new_signature] : {std::pair(false, false), {true, false}, {false, true}, {true, true}}) {
    auto data = files_->read(new_data ? fresh(data_) : data_, kMaxDataFileBytes);
    auto signature = files_->read(new_signature ? fresh(signature_) : signature_, kMaxSignatureFileBytes);
    Error error = !data ? data.error() : signature.error();
    if (!error && *data && *signature) {
      const auto fits = check_signed_data(key_, **data, **signature);
      if (fits) {
        Found found;
        found.new_data = new_data;
        found.new_signature = new_signature;
        found.data = std::move(*data);
        return found;
      }
      error = fits.error();
    }
    if (new_data || new_signature) continue;
    if (!error) {
      missing_both = !*data && !*signature;
      error = verror::BadArg("there is no \"" + (*data ? signature_ : data_) + "\", but the file it belongs to");
    }
    why = error.with_message("\"" + data_ + "\": " + std::string(error.message()));
    if (leftovers == Leftovers::kCount) continue;
    if (!missing_both) return why;
    // Nothing was ever saved; or somebody replaces both files.
    const auto left = files_->stamp(fresh(data_));
    if (!left) return left.error();
    if (*left) return why;
    return Found();
  }
  if (missing_both) return Found();
  return why;
}

Result<std::optional<Bytes>> SignedFiles::load(Leftovers leftovers) const {
  auto found = find(leftovers);
  if (!found) return found.error();
  return std::move(found->data);
}

Result<void> SignedFiles::repair() {
  const auto found = find(Leftovers::kCount);
  if (!found) return found.error();
  Result<void> done;
  if (found->new_signature) done = files_->rename(fresh(signature_), signature_);
  if (done && found->new_data) done = files_->rename(fresh(data_), data_);
  return done;
}

Result<void> SignedFiles::save(const PrivateKey& key, BytesView data) {
  if (data.size() > kMaxDataFileBytes) return verror::BadArg("\"" + data_ + "\" would become too large");
  auto signature = sign_data(key, data);
  if (!signature) return signature.error();
  // The pair must fit, and last, before leftovers go: they may be a part of it, for us or after the next loss of power.
  auto done = repair();
  if (done) done = files_->sync_folder(folder_);
  if (done) done = files_->remove(fresh(data_));
  if (done) done = files_->remove(fresh(signature_));
  if (done) done = write_new_file(*files_, fresh(data_), kMode, data);
  if (done) done = write_new_file(*files_, fresh(signature_), kMode, *signature);
  if (done) done = files_->sync_folder(folder_);
  if (done) done = files_->rename(fresh(signature_), signature_);
  if (done) done = files_->rename(fresh(data_), data_);
  if (done) done = files_->sync_folder(folder_);
  return done;
}

Result<SignedFiles::Stamps> SignedFiles::stamps() const {
  Stamps result;
  auto data = files_->stamp(data_);
  if (!data) return data.error();
  auto signature = files_->stamp(signature_);
  if (!signature) return signature.error();
  result[0] = *data;
  result[1] = *signature;
  return result;
}

}  // namespace nb::security
