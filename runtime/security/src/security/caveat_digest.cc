#include "security/caveat_digest.h"

namespace nb::security {

Digest caveat_digest(HashAlgorithm algorithm, const Caveat& caveat) {
  const auto id = hash(algorithm, {BytesView(caveat.Id)});
  const auto parameter = hash(algorithm, {BytesView(caveat.ParamVom)});
  return hash(algorithm, {id, parameter});
}

}  // namespace nb::security
