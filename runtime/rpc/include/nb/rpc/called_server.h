// CalledServer: who it is that a call was sent to. See Call::server() and StreamCall::server().
#pragma once

#include <string>
#include <vector>

#include <nb/security/blessing_names.h>
#include <nb/security/blessings.h>

namespace nb {

struct CalledServer {
  CalledServer() {}
  // Its names that counted when this call accepted it, and those that did not, with the reasons.
  BlessingNames names;
  // What it showed; the names in it are claims, unlike those above.
  Blessings blessings;
  // Where it was reached.
  std::string endpoint;
  // Of the object below the server: the request's suffix.
  std::string suffix;
};

}  // namespace nb
