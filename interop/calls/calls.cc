// Our generated client and server for programs in other languages: reads a command a line, answers each with a line,
// "ok" and what there is to tell, or "error: ", the error's id and its message. The table at the end lists the
// commands.
//
// usage: interop-calls FOLDER        the credentials it acts with
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <nb/rpc/client.h>
#include <nb/rpc/runtime.h>
#include <nb/rpc/server.h>
#include <nb/security/access.h>
#include <nb/security/authorizer.h>
#include <nb/services/discharger.h>

#include "bulk.h"
#include "service.h"

namespace calls {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

std::string failed(const nb::Error& error) {
  std::string message(error.message());
  for (char& c : message) c = c == '\n' ? ' ' : c;
  return "error: " + std::string(error.id()) + " " + message;
}

struct Program {
  nb::Runtime runtime;
  std::vector<nb::Server> servers;
  std::shared_ptr<Office> office;  // shared with its server

  exchange::ExchangeClient client(const std::string& name) const {
    return exchange::ExchangeClient(runtime, name, nb::CallOptions().no_retry());
  }
  // Tells the name.
  std::string keep(nb::Result<nb::Server> server) {
    if (!server) return failed(server.error());
    servers.push_back(std::move(*server));
    return "ok " + servers.back().name();
  }
  // Nothing here takes long; what does not come at all is told all the same.
  nb::Context context(std::chrono::nanoseconds timeout = 30s) const { return runtime.context().with_timeout(timeout); }
};

std::string wrong(const std::string& what) { return "error: - " + what; }

// "ok" when it ended in what it had to.
template <class T>
std::string told(const nb::Result<T>& result, bool as_wanted) {
  if (!result) return failed(result.error());
  return as_wanted ? "ok" : wrong("other results than wanted");
}
std::string told(const nb::Result<void>& result) { return result ? "ok" : failed(result.error()); }

std::string serve(Program& p, const Words& w) {
  nb::ServerOptions options;
  if (w[1] == "everyone") options.authorizer(nb::allow_everyone());
  return p.keep(p.runtime.serve(std::make_shared<Exchange>(), options.listen(w[2], "127.0.0.1:0")));
}

// Who has a name of alice's may read, alice:owner and whoever has a name of hers may write.
std::string safe(Program& p, const Words& w) {
  nb::Permissions permissions;
  nb::add(permissions, nb::BlessingPattern("alice"), {"Read"});
  nb::blacklist(permissions, "alice:thief", {"Read"});
  nb::add(permissions, nb::BlessingPattern("alice:owner"), {"Write"});
  const auto options = nb::ServerOptions().authorizer(nb::permissions_authorizer(permissions));
  return p.keep(p.runtime.serve(std::make_shared<Safe>(), nb::ServerOptions(options).listen(w[1], "127.0.0.1:0")));
}

// Which methods this principal may call, by their first letters.
std::string permitted(Program& p, const Words& w) {
  const exchange::SafeClient client(p.runtime, w[1], nb::CallOptions().no_retry());
  std::string may;
  nb::Error other;
  const auto note = [&](char letter, const nb::Error& error) {
    if (!error) may += letter;
    if (error && !nb::verror::NoAccess.matches(error)) other = error;
  };
  note('L', client.Look(p.context()).get().error());
  note('P', client.Put(p.context(), "gold").get().error());
  auto follow = client.Follow(p.context(), 3);
  int values = 0;
  for (const std::string& value : follow.items()) values += value == "gold" ? 1 : 0;
  const auto followed = follow.finish().get();
  if (followed && values != 3) return wrong("another number of values");
  note('F', followed.error());
  note('S', client.Shake(p.context()).get().error());
  return other ? failed(other) : "ok " + (may.empty() ? "none" : may);
}

std::string discharge(Program& p, const Words& w) {
  const auto options = nb::ServerOptions().authorizer(nb::allow_everyone()).listen(w[1], "127.0.0.1:0");
  return p.keep(p.runtime.serve(nb::make_discharger(nb::DischargerOptions(p.runtime.principal())), options));
}

// A discharger that remembers what it was asked with.
std::string office(Program& p, const Words& w) {
  p.office = std::make_shared<Office>(p.runtime.principal());
  const auto options = nb::ServerOptions().authorizer(nb::allow_everyone()).listen(w[1], "127.0.0.1:0");
  return p.keep(p.runtime.serve(p.office, options));
}

std::string impetus(Program& p, const Words&) { return "ok " + p.office->impetus(); }

std::string behind(Program& p, const Words& w) {
  return p.keep(p.runtime.serve(std::make_shared<Exchange>(), nb::ServerOptions().proxy(w[1])));
}

std::string names(Program& p, const Words&) {
  std::string all = "ok";
  for (const std::string& endpoint : p.servers.back().endpoints()) all += " /" + endpoint;
  return all;
}

std::string stop(Program& p, const Words&) {
  p.servers.back().stop();
  return "ok";
}

std::string mix(Program& p, const Words& w) {
  const exchange::Item item("tea", 40, 2.5, {});
  const auto got =
      p.client(w[1]).Mix(p.context(), 2, "keys: ", nb::Bytes{0, 1, 255}, item, {{"b", 2.0}, {"a", 1.0}}).get();
  return told(got, got.ok() && *got == exchange::ExchangeMixResults(
                                           42, "keys: ab", exchange::Item("tea", 40, 2.5, nb::Bytes{0, 1, 255})));
}

std::string echo(Program& p, const Words& w) {
  const nb::Bytes data(std::stoul(w[2]), 0x5a);
  const auto got = p.client(w[1]).Echo(p.context(), data).get();
  return told(got, got.ok() && *got == data);
}

std::string refuse(Program& p, const Words& w) {
  const auto got = p.client(w[1]).Refuse(p.context(), "the moon", 17).get();
  if (got) return wrong("it was not refused");
  const auto why = exchange::Refused.params(got.error());
  if (!why || std::get<0>(*why) != "the moon" || std::get<1>(*why) != 17) return wrong("other parameters");
  return failed(got.error());
}

std::string missing(Program& p, const Words& w) {
  return told(exchange::OtherClient(p.runtime, w[1]).Missing(p.context()).get());
}

std::string misfit(Program& p, const Words& w) {
  return told(exchange::OtherClient(p.runtime, w[1]).Echo(p.context()).get(), true);
}

std::string grant(Program& p, const Words& w) {
  nb::CallOptions options;
  for (std::size_t i = 2; i < w.size(); ++i) {
    options.granter([extension = w[i]](const nb::Context&, const nb::SecurityCall& call) {
      const nb::Principal& me = *call.local_principal;
      // Somebody else's key is good for nothing.
      const auto key = extension == "nobody" ? me.public_key() : call.remote_blessings.public_key();
      return me.bless(key, me.store().default_blessings(), extension, nb::unconstrained_use());
    });
  }
  const auto got = p.client(w[1]).Granted(p.context(), options).get();
  return got ? "ok " + *got : failed(got.error());
}

std::string count(Program& p, const Words& w) {
  auto call = p.client(w[1]).Count(p.context(), 100);
  std::int64_t expected = 0;
  bool good = true;
  for (const exchange::Item& item : call.items()) {
    ++expected;
    good = good && item.Count == expected && item.Name == "item " + std::to_string(expected) &&
           item.Price == static_cast<double>(expected) / 2 && item.Data.size() == static_cast<std::size_t>(expected);
  }
  return told(call.finish().get(), good && expected == 100);
}

std::string sum(Program& p, const Words& w) {
  auto call = p.client(w[1]).Sum(p.context());
  for (std::int64_t i = 1; i <= 100; ++i) {
    if (auto sent = call.send(exchange::Item("x", i, 0.5, {})).get(); !sent) break;
  }
  const auto got = call.finish().get();
  return told(got, got.ok() && *got == exchange::ExchangeSumResults(5050, 100));
}

std::string chat(Program& p, const Words& w) {
  auto call = p.client(w[1]).Chat(p.context());
  for (int i = 0; i < 50; ++i) {
    if (auto sent = call.send("text " + std::to_string(100 + i)).get(); !sent) break;
    const auto answer = call.recv().get();
    if (!answer) break;
    const std::string text = "text " + std::to_string(100 + i);
    auto got = answer;
    if (*got != std::string(text.rbegin(), text.rend())) return wrong("another answer: " + *got);
  }
  const auto got = call.finish().get();
  return told(got, got.ok() && *got == 50);
}

// Closes its side, and gets all answers after that.
std::string later(Program& p, const Words& w) {
  auto call = p.client(w[1]).Later(p.context());
  for (const char* text : {"a", "b", "c"}) {
    if (auto sent = call.send(text).get(); !sent) return failed(sent.error());
  }
  if (auto closed = call.close_send().get(); !closed) return failed(closed.error());
  std::string all;
  for (const std::string& text : call.items()) all += text;
  const auto got = call.finish().get();
  return told(got, got.ok() && *got == 3 && all == "cba");
}

// Meets the end of the server's side with its own one open.
std::string early(Program& p, const Words& w) {
  auto call = p.client(w[1]).Early(p.context(), 2);
  for (const char* text : {"a", "b"}) {
    if (auto sent = call.send(text).get(); !sent) return failed(sent.error());
  }
  std::string all;
  for (const std::string& text : call.items()) all += text;
  const auto got = call.finish().get();
  return told(got, got.ok() && *got == 2 && all == "ab");
}

// So many calls, all of them open before the first one goes on.
std::string many(Program& p, const Words& w) {
  const exchange::ExchangeClient client = p.client(w[1]);
  const nb::Context context = p.context(120s);
  std::vector<decltype(client.Chat(context))> open(std::stoul(w[2]));
  for (auto& call : open) {
    call = client.Chat(context);
    if (auto sent = call.send("abc").get(); !sent) return failed(sent.error());
  }
  for (int round = 0; round < 4; ++round) {
    for (auto& call : open) {
      auto answer = call.recv().get();
      if (!answer) return failed(answer.error());
      if (*answer != "cba") return wrong("another answer: " + *answer);
      if (round == 3) continue;
      if (auto sent = call.send("abc").get(); !sent) return failed(sent.error());
    }
  }
  for (auto& call : open) {
    const auto got = call.finish().get();
    if (!got) return failed(got.error());
    if (*got != 4) return wrong("another number of texts");
  }
  return "ok";
}

std::string download(Program& p, const Words& w) {
  auto call = p.client(w[1]).Download(p.context(600s), std::stoll(w[2]));
  Checksum checksum;
  for (const nb::Bytes& chunk : call.items()) checksum.add(chunk);
  const auto got = call.finish().get();
  return told(got, got.ok() && *got == checksum.sum() && checksum.size() == std::stoll(w[2]));
}

std::string upload(Program& p, const Words& w) {
  auto call = p.client(w[1]).Upload(p.context(600s));
  BulkSource source;
  Checksum checksum;
  while (checksum.size() < std::stoll(w[2])) {
    nb::Bytes chunk = source.next(kChunk);
    checksum.add(chunk);
    if (auto sent = call.send(std::move(chunk)).get(); !sent) break;
  }
  const auto got = call.finish().get();
  return told(got, got.ok() && *got == exchange::ExchangeUploadResults(checksum.size(), checksum.sum()));
}

std::string wait(Program& p, const Words& w) {
  auto options = nb::CallOptions();
  if (w[3] != "-") options.channel_timeout(std::chrono::milliseconds(std::stol(w[3])));
  return told(p.client(w[1]).Wait(p.context(), std::stoi(w[2]), options).get());
}

std::string cancel(Program& p, const Words& w) {
  const exchange::ExchangeClient client = p.client(w[1]);
  const auto before = client.Waits(p.context()).get();
  if (!before) return failed(before.error());
  auto call = client.Wait(p.context(), 20'000);
  for (auto now = before; now->begun == before->begun;) {
    now = client.Waits(p.context()).get();
    if (!now) return failed(now.error());
  }
  call.cancel();
  return told(call.get());
}

std::string deadline(Program& p, const Words& w) { return told(p.client(w[1]).Wait(p.context(300ms), 20'000).get()); }

std::string waits(Program& p, const Words& w) {
  const auto got = p.client(w[1]).Waits(p.context()).get();
  return got ? "ok " + std::to_string(got->begun) + " " + std::to_string(got->cancelled) : failed(got.error());
}

struct Command {
  std::size_t words;  // at least, itself included
  std::function<std::string(Program&, const Words&)> run;
};

const std::map<std::string, Command> kCommands{
    {"serve", {3, serve}},          // serve default|everyone PROTOCOL: the name
    {"behind", {2, behind}},        // behind PROXY: serves by way of it, and tells the name
    {"names", {1, names}},          // names: all of the last server
    {"discharge", {2, discharge}},  // discharge PROTOCOL: the name of a discharger
    {"office", {2, office}},        // office PROTOCOL: the name of one that remembers what it is asked with
    {"impetus", {1, impetus}},      // impetus: what the office was asked with last: server, method, argument
    {"safe", {2, safe}},            // safe PROTOCOL: serves one with permissions, and tells the name
    {"permitted", {2, permitted}},  // permitted NAME: which methods of a safe may be called
    {"later", {2, later}},          // later NAME
    {"early", {2, early}},          // early NAME
    {"stop", {1, stop}},            // stop: the last server, once its calls have ended
    {"mix", {2, mix}},              // mix NAME
    {"echo", {3, echo}},            // echo NAME BYTES
    {"grant", {3, grant}},          // grant NAME EXTENSION…: the blessings that the server has then
    {"refuse", {2, refuse}},        // refuse NAME: the declared error
    {"missing", {2, missing}},      // missing NAME: a method that is not there
    {"misfit", {2, misfit}},        // misfit NAME: arguments that the method does not take
    {"count", {2, count}},          // count NAME
    {"sum", {2, sum}},              // sum NAME
    {"chat", {2, chat}},            // chat NAME
    {"many", {3, many}},            // many NAME FLOWS
    {"download", {3, download}},    // download NAME BYTES
    {"upload", {3, upload}},        // upload NAME BYTES
    {"wait", {4, wait}},            // wait NAME MILLISECONDS CHANNEL-TIMEOUT
    {"cancel", {2, cancel}},        // cancel NAME: a call of Wait
    {"deadline", {2, deadline}},    // deadline NAME: of a call of Wait
    {"waits", {2, waits}},          // waits NAME: how many calls of Wait have begun and were cancelled
};

std::string answer_to(Program& program, const std::string& line) {
  std::istringstream in(line);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  const auto found = kCommands.find(words.empty() ? "" : words[0]);
  if (found == kCommands.end() || words.size() < found->second.words) return wrong("no such command");
  return found->second.run(program, words);
}

}  // namespace
}  // namespace calls

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "usage: interop-calls FOLDER\n", 2;
  auto runtime = nb::Runtime::make(nb::RuntimeOptions().threads(2).credentials(argv[1]));
  if (!runtime) {
    std::cout << calls::failed(runtime.error()) << std::endl;
    return 1;
  }
  calls::Program program{std::move(*runtime), {}, nullptr};
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << calls::answer_to(program, line) << std::endl;
  }
  return 0;
}
