#include "security/discharge_cache.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "security/discharge_digest.h"
#include "security/hash.h"

namespace nb::security {

std::optional<DischargeKey> discharge_key(const Caveat& caveat, const v23::security::DischargeImpetus& impetus) {
  const auto details = third_party(caveat);
  if (!details || details->requirements.ReportArguments) return std::nullopt;
  std::string method, servers;
  if (details->requirements.ReportMethod) method = impetus.Method;
  if (details->requirements.ReportServer) {
    std::vector<std::string> patterns(impetus.Server.begin(), impetus.Server.end());
    std::sort(patterns.begin(), patterns.end());
    for (const auto& pattern : patterns) servers += (&pattern == &patterns.front() ? "" : ",") + pattern;
  }
  const auto sha256 = [](const std::string& text) { return hash(HashAlgorithm::kSha256, {as_bytes(text)}); };
  const auto digest = hash(HashAlgorithm::kSha256, {sha256(details->id), sha256(method), sha256(servers)});
  DischargeKey key;
  std::copy(digest.begin(), digest.end(), key.begin());
  return key;
}

void DischargeCache::add(const DischargeKey& key, CachedDischarge discharge) {
  if (!is_small(discharge.discharge)) return;
  const auto expiry = discharge_expiry(discharge.discharge);
  const auto size = size_of(discharge.discharge);
  auto& entry = entries_[key];
  bytes_ = bytes_ - entry.size + size;
  entry = Entry{std::move(discharge), expiry, size};
  while (entries_.size() > capacity_ || bytes_ > max_bytes_) drop_one();
}

void DischargeCache::drop_one() {
  const auto expires_first = [](const auto& a, const auto& b) {
    if (!a.second.expiry || !b.second.expiry) return a.second.expiry.has_value() && !b.second.expiry.has_value();
    return *a.second.expiry < *b.second.expiry;
  };
  const auto first = std::min_element(entries_.begin(), entries_.end(), expires_first);
  bytes_ -= first->second.size;
  entries_.erase(first);
}

std::optional<CachedDischarge> DischargeCache::find(const DischargeKey& key, Time now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  if (found->second.expiry && *found->second.expiry <= now) {
    bytes_ -= found->second.size;
    entries_.erase(found);
    return std::nullopt;
  }
  return found->second.discharge;
}

std::size_t DischargeCache::remove(const Discharges& discharges) {
  return std::erase_if(entries_, [&](const auto& entry) {
    const auto& own = entry.second.discharge.discharge;
    const bool goes = std::find(discharges.begin(), discharges.end(), own) != discharges.end();
    if (goes) bytes_ -= entry.second.size;
    return goes;
  });
}

}  // namespace nb::security
