#include "security/discharge_cache.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

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
  const auto expiry = discharge_expiry(discharge.discharge);
  entries_.insert_or_assign(key, Entry{std::move(discharge), expiry});
  if (entries_.size() <= capacity_) return;
  const auto expires_first = [](const auto& a, const auto& b) {
    if (!a.second.expiry || !b.second.expiry) return a.second.expiry.has_value() && !b.second.expiry.has_value();
    return *a.second.expiry < *b.second.expiry;
  };
  entries_.erase(std::min_element(entries_.begin(), entries_.end(), expires_first));
}

std::optional<CachedDischarge> DischargeCache::find(const DischargeKey& key, Time now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  if (found->second.expiry && *found->second.expiry <= now) {
    entries_.erase(found);
    return std::nullopt;
  }
  return found->second.discharge;
}

std::size_t DischargeCache::remove(const Discharges& discharges) {
  return std::erase_if(entries_, [&](const auto& entry) {
    return std::find(discharges.begin(), discharges.end(), entry.second.discharge.discharge) != discharges.end();
  });
}

}  // namespace nb::security
