// Era: the generations of the reference's client tell their callers differently how a call failed once its request was
// sent. ClientPolicy::failures chooses; programs that were written against an older generation find the errors that
// they look for. The rest of a call is the same in all of them (docs/spec/rpc.md 4.8, 4.10, 15).
//
//   |                                          | kCurrent         | k2015             | k2014            |
//   |------------------------------------------|------------------|-------------------|------------------|
//   | recv, when the server answers an error   | that error       | in a BadProtocol  | that error       |
//   | recv once more                           | in a BadProtocol | in a BadProtocol  | that error       |
//   | the connection breaks before the answer  | BadProtocol      | why it broke      | BadProtocol      |
//   | … between the results of the answer      | why it broke     | why it broke      | BadProtocol      |
//   | why it broke, when it may be tried again | as it is         | Timeout           |                  |
//   | close_send, when the server is gone      | succeeds         | succeeds          | BadProtocol, and |
//   |                                          |                  |                   | the call ends    |
//   | a call that succeeds                     | the server ends  | this end ends it; Internal when its  |
//   |                                          | it               | connection broke after the answer    |
#pragma once

#include <cstdint>

namespace nb {

enum class Era : std::uint8_t { kCurrent, k2015, k2014 };

}  // namespace nb
