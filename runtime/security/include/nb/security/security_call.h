// SecurityCall: what an authorizer and a caveat may know about a call (docs/spec/security.md 8.4). "Local" is the end
// that decides, "remote" the end that is judged.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nb/security/blessings.h>
#include <nb/security/discharge.h>
#include <nb/vdl/any.h>
#include <nb/vdl/time.h>

namespace nb {

class BlessingRoots;
class CaveatValidators;
class Principal;

struct SecurityCall {
  SecurityCall() = default;

  Time timestamp = Time::now();
  std::string method;            // as called; empty when a client judges a server
  std::string suffix;            // likewise
  std::vector<Any> method_tags;  // likewise
  std::string local_endpoint;    // text form, "" if there is none
  std::string remote_endpoint;
  // The names that the remote endpoint carries as it was dialed (for the endpoint authorizer).
  std::vector<std::string> remote_endpoint_names;
  std::shared_ptr<const Principal> local_principal;  // shared: calls outlive a principal that was replaced
  Blessings local_blessings;
  Blessings remote_blessings;
  Discharges local_discharges;
  Discharges remote_discharges;
  // The checks there are; null means the standard ones.
  std::shared_ptr<const CaveatValidators> validators;
};

}  // namespace nb
