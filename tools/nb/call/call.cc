// nb call
#include <iostream>
#include <thread>

#include "call/arguments.h"
#include "call/calling.h"
#include "call/lines.h"
#include "call/literals.h"
#include "call/signature_text.h"
#include "call/status.h"
#include "call/value_json.h"
#include "call/verbs.h"
#include "cli/failure.h"
#include "words/lists.h"
#include "words/visible.h"

namespace tool {
namespace {

struct CallVerb : CallingOptions {
  std::string method;
  std::vector<std::string> arguments;
};

using Stream = nb::StreamCall<nb::Any, nb::Any, nb::AnyResults>;

std::vector<nb::Type> types_of(const nb::MethodSignature& method) {
  std::vector<nb::Type> types;
  for (const auto& each : method.InArgs) types.push_back(each.Type);
  if (method.InStream) types.push_back(method.InStream->Type);
  return types;
}

nb::Result<DynamicArguments> read_arguments(const CallVerb& options, const nb::MethodSignature& method,
                                            const Literals& literals) {
  const std::size_t wanted = method.InArgs.size();
  if (options.arguments.size() != wanted) {
    return failure(visible(method.Name) + " takes " + counted(wanted, "argument") + ", and " +
                   std::to_string(options.arguments.size()) + " were given\n    " + visible(method_line(method)));
  }
  DynamicArguments arguments;
  for (std::size_t i = 0; i < wanted; ++i) {
    const auto& argument = method.InArgs[i];
    const std::string what =
        "argument " + std::to_string(i + 1) + (argument.Name.empty() ? "" : ", `" + argument.Name + "`,");
    auto value = literals.read(options.arguments[i], argument.Type, what);
    if (!value) return value.error();
    arguments.values.emplace_back(*std::move(value));
  }
  return arguments;
}

// The items of the client's stream, from standard input, while the server's come in.
class Sender {
 public:
  Sender(Stream& stream, const Literals& literals, nb::Type type)
      : stream_(stream), literals_(literals), type_(std::move(type)), thread_([this] { run(); }) {}
  // Whether what it read was good; an error is about a line of the input. The stream lives until then.
  nb::Result<void> stop() {
    lines_.stop();
    thread_.join();
    return outcome_;
  }

 private:
  void run() {
    for (;;) {
      auto line = lines_.next();
      if (!line) return give_up(line.error());
      if (!*line) break;
      auto item = literals_.read(**line, type_, "item in line " + std::to_string(lines_.number()));
      if (!item) return give_up(item.error());
      // What goes wrong here the call says better.
      if (!stream_.send(nb::Any(*std::move(item))).get()) return;
    }
    (void)stream_.close_send().get();
  }
  void give_up(nb::Error why) {
    outcome_ = std::move(why);
    stream_.cancel();
  }

  Stream& stream_;
  const Literals& literals_;
  const nb::Type type_;
  InputLines lines_;
  nb::Result<void> outcome_;  // of the thread, until it is joined
  std::thread thread_;
};

void print(const Console& console, std::string_view mark, std::string_view member, const nb::Value& value) {
  if (console.json) {
    const Json document{{member, value_json(value)}};
    std::cout << document.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  } else {
    std::cout << mark << visible(value.to_string()) << std::endl;
  }
}

nb::Result<void> receive(const Console& console, Stream& stream) {
  for (;;) {
    auto item = stream.recv().get();
    if (item.at_end()) return {};
    if (!item) return item.error();
    auto value = item->vdl();
    if (!value) return value.error();
    print(console, "<< ", "item", *value);
  }
}

nb::Result<void> print_results(const Console& console, const nb::AnyResults& results) {
  Json list = Json::array();
  for (const nb::Any& each : results) {
    auto value = each.vdl();
    if (!value) return value.error();
    if (console.json) {
      list.push_back(value_json(*value));
    } else {
      print(console, "", "", *value);
    }
  }
  if (console.json) {
    std::cout << Json{{"results", std::move(list)}}.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  }
  return {};
}

nb::Result<int> run_call(Console& console, const CallVerb& options) {
  auto calling = Calling::make(console, options);
  if (!calling) return calling.error();
  const auto method = calling->method_signature(options.method);
  if (!method) return fail(console, method.error());
  const Literals literals(types_of(*method));
  auto arguments = read_arguments(options, *method, literals);
  if (!arguments) return fail_to_read(console, arguments.error());

  auto stream = calling->object().stream<nb::Any, nb::Any, nb::AnyResults>(calling->context(), nb::CallOptions(),
                                                                           options.method, *std::move(arguments));
  std::optional<Sender> sender;
  if (method->InStream) sender.emplace(stream, literals, method->InStream->Type);
  auto received = receive(console, stream);
  nb::Result<void> sent;
  if (sender) sent = sender->stop();
  if (!sent) return fail_to_read(console, sent.error());
  auto results = stream.finish().get();
  if (!results) return fail(console, results.error());
  if (!received) return fail(console, received.error());
  if (auto printed = print_results(console, *results); !printed) {
    return fail(console, printed.error());
  }
  return 0;
}

}  // namespace

void add_call(Verbs& verbs) {
  auto options = std::make_shared<CallVerb>();
  CLI::App& verb = verbs.add("call", "call a method of a server", options, run_call);
  options->add_to(verb, false);
  verb.add_option("METHOD", options->method, "the method")->required();
  verb.add_option("ARG", options->arguments,
                  "its arguments as VDL literals: 7, '\"text\"', '{X: 1, Y: 2}', Red, nil; one that may be of any type "
                  "says which: 'int32(7)'");
  verb.footer(std::string("The server is asked for the method's signature first, see `nb signature`. Where the method "
                          "takes a stream, its items are read from standard input, one literal a line, and sent as "
                          "they come; the end of the input ends the stream. Items of the server are printed with << "
                          "before them when they arrive, then the results, one a line; with --json each line is an "
                          "object with a member `item`, and the last one has `results`.\n") +
              kStatusHelp);
}

}  // namespace tool
