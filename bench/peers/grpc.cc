// gRPC in C++, by its asynchronous interface, which is its fastest: one completion queue and one thread at each end.
//
// Variants: "mtls", where both ends show P-256 certificates of one authority; "plain". Everything else is as gRPC has
// it by default, but that each channel has connections of its own.
#include <cstdlib>
#include <deque>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <thread>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "grpc_echo.grpc.pb.h"
#include "peer.h"

namespace {

using grpc_echo::Count;
using grpc_echo::Echo;
using grpc_echo::FeedRequest;
using grpc_echo::Payload;

std::string content(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// What a completion queue gives back: whether it went well is told to whoever asked for it.
using Tag = std::function<void(bool)>;

void told(void* tag, bool ok) { (*static_cast<Tag*>(tag))(ok); }

// ---- server ----

struct Service {
  Echo::AsyncService service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
};

// Each of these waits for a call, makes its successor when one comes, and is deleted at its end.

class BytesCall {
 public:
  explicit BytesCall(Service& at) : at_(at) {
    at_.service.RequestBytes(&context_, &payload_, &writer_, at_.queue.get(), at_.queue.get(), &begun_);
  }

 private:
  void begin(bool ok) {
    if (!ok) return delete this;
    new BytesCall(at_);
    writer_.Finish(payload_, grpc::Status::OK, &ended_);
  }

  Service& at_;
  grpc::ServerContext context_;
  Payload payload_;
  grpc::ServerAsyncResponseWriter<Payload> writer_{&context_};
  Tag begun_ = [this](bool ok) { begin(ok); };
  Tag ended_ = [this](bool) { delete this; };
};

class ChatCall {
 public:
  explicit ChatCall(Service& at) : at_(at) {
    at_.service.RequestChat(&context_, &stream_, at_.queue.get(), at_.queue.get(), &begun_);
  }

 private:
  void begin(bool ok) {
    if (!ok) return delete this;
    new ChatCall(at_);
    stream_.Read(&read_, &came_);
  }
  void came(bool ok) {
    if (!ok) {
      is_input_over_ = true;
      return finish_if_done();
    }
    to_write_.push_back(std::move(read_));
    if (to_write_.size() == 1) write();
    stream_.Read(&read_, &came_);
  }
  void write() { stream_.Write(to_write_.front(), &written_); }
  void written(bool ok) {
    to_write_.pop_front();
    if (ok && !to_write_.empty()) return write();
    finish_if_done();
  }
  void finish_if_done() {
    if (is_input_over_ && to_write_.empty()) stream_.Finish(grpc::Status::OK, &ended_);
  }

  Service& at_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<Payload, Payload> stream_{&context_};
  Payload read_;
  std::deque<Payload> to_write_;
  bool is_input_over_ = false;
  Tag begun_ = [this](bool ok) { begin(ok); };
  Tag came_ = [this](bool ok) { came(ok); };
  Tag written_ = [this](bool ok) { written(ok); };
  Tag ended_ = [this](bool) { delete this; };
};

class PushCall {
 public:
  explicit PushCall(Service& at) : at_(at) {
    at_.service.RequestPush(&context_, &stream_, at_.queue.get(), at_.queue.get(), &begun_);
  }

 private:
  void begin(bool ok) {
    if (!ok) return delete this;
    new PushCall(at_);
    stream_.Read(&read_, &came_);
  }
  void came(bool ok) {
    if (!ok) return stream_.Finish(count_, grpc::Status::OK, &ended_);
    count_.set_bytes(count_.bytes() + static_cast<std::int64_t>(read_.data().size()));
    stream_.Read(&read_, &came_);
  }

  Service& at_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReader<Count, Payload> stream_{&context_};
  Payload read_;
  Count count_;
  Tag begun_ = [this](bool ok) { begin(ok); };
  Tag came_ = [this](bool ok) { came(ok); };
  Tag ended_ = [this](bool) { delete this; };
};

class FeedCall {
 public:
  explicit FeedCall(Service& at) : at_(at) {
    at_.service.RequestFeed(&context_, &request_, &stream_, at_.queue.get(), at_.queue.get(), &begun_);
  }

 private:
  void begin(bool ok) {
    if (!ok) return delete this;
    new FeedCall(at_);
    left_ = request_.count();
    payload_.set_data(std::string(static_cast<std::size_t>(request_.size()), 'x'));
    next(true);
  }
  void next(bool ok) {
    if (!ok || left_ == 0) return stream_.Finish(grpc::Status::OK, &ended_);
    --left_;
    stream_.Write(payload_, &written_);
  }

  Service& at_;
  grpc::ServerContext context_;
  FeedRequest request_;
  grpc::ServerAsyncWriter<Payload> stream_{&context_};
  Payload payload_;
  std::int64_t left_ = 0;
  Tag begun_ = [this](bool ok) { begin(ok); };
  Tag written_ = [this](bool ok) { next(ok); };
  Tag ended_ = [this](bool) { delete this; };
};

int serve(const std::string& variant, const std::string& folder) {
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  if (variant == "mtls") {
    grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = content(folder + "/authority.crt");
    options.pem_key_cert_pairs.push_back({content(folder + "/server.key"), content(folder + "/server.crt")});
    credentials = grpc::SslServerCredentials(options);
  }
  Service at;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", credentials, &port);
  builder.RegisterService(&at.service);
  at.queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  new BytesCall(at);
  new ChatCall(at);
  new PushCall(at);
  new FeedCall(at);
  std::thread thread([&at] {
    void* tag = nullptr;
    bool ok = false;
    while (at.queue->Next(&tag, &ok)) told(tag, ok);
  });
  bench::run_server("127.0.0.1:" + std::to_string(port));
  std::_Exit(0);
}

// ---- client ----

class Chat {
 public:
  // `came` is called for each message that came back.
  Chat(Echo::Stub& stub, grpc::CompletionQueue& queue, std::function<void()> came)
      : came_(std::move(came)), stream_(stub.AsyncChat(&context_, &queue, &begun_)) {}

  void send(std::size_t size) {
    size_ = size;
    ++to_send_;
    if (is_begun_ && !is_writing_) write();
  }

 private:
  void begin(bool ok) {
    if (!ok) throw std::runtime_error("a stream could not be opened");
    is_begun_ = true;
    stream_->Read(&read_, &read_done_);
    if (to_send_ > 0) write();
  }
  void write() {
    --to_send_;
    is_writing_ = true;
    write_.mutable_data()->assign(size_, 'x');
    stream_->Write(write_, &written_);
  }
  void written(bool) {
    is_writing_ = false;
    if (to_send_ > 0) write();
  }
  void read(bool ok) {
    if (!ok) throw std::runtime_error("a stream has ended");
    stream_->Read(&read_, &read_done_);
    came_();
  }

  const std::function<void()> came_;
  Tag begun_ = [this](bool ok) { begin(ok); };
  Tag written_ = [this](bool ok) { written(ok); };
  Tag read_done_ = [this](bool ok) { read(ok); };
  grpc::ClientContext context_;
  Payload read_, write_;
  std::size_t size_ = 0, to_send_ = 0;
  bool is_begun_ = false, is_writing_ = false;
  const std::unique_ptr<grpc::ClientAsyncReaderWriter<Payload, Payload>> stream_;
};

void check(const grpc::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error_message());
}

class GrpcClient final : public bench::Client {
 public:
  GrpcClient(const std::string& variant, const std::string& folder, std::string server) : server_(std::move(server)) {
    credentials_ = grpc::InsecureChannelCredentials();
    if (variant == "mtls") {
      grpc::SslCredentialsOptions options;
      options.pem_root_certs = content(folder + "/authority.crt");
      options.pem_private_key = content(folder + "/client.key");
      options.pem_cert_chain = content(folder + "/client.crt");
      credentials_ = grpc::SslCredentials(options);
    }
  }

  void open(std::size_t connections, std::size_t flows) override {
    for (std::size_t i = 0; i < connections; ++i) {
      stubs_.push_back(Echo::NewStub(channel()));
      for (std::size_t f = 0; f < flows; ++f) {
        chats_.push_back(std::make_unique<Chat>(*stubs_.back(), queue_, [this] { came(); }));
        run_once(1);  // each is there before the next one comes
      }
    }
  }

  void echo(std::size_t count, std::size_t size, std::size_t in_flight, bench::Latencies& latencies) override {
    size_ = size;
    latencies_ = in_flight == 1 ? &latencies : nullptr;
    to_start_ = to_come_ = count;
    start_ = [this] { chats_[next_++ % chats_.size()]->send(size_); };
    run(in_flight);
  }

  void call(std::size_t count, std::size_t size, std::size_t in_flight, bench::Latencies& latencies) override {
    Payload payload;
    payload.set_data(std::string(size, 'x'));
    if (in_flight == 1) {  // as most programs do it: a thread that waits
      for (std::size_t i = 0; i < count; ++i) {
        const auto began = bench::now();
        grpc::ClientContext context;
        Payload answer;
        check(stub().Bytes(&context, payload, &answer));
        latencies.add(began);
      }
      return;
    }
    latencies_ = nullptr;
    to_start_ = to_come_ = count;
    start_ = [&] { new BytesCall(*this, payload, latencies); };
    run(in_flight);
  }

  void push(std::size_t count, std::size_t size) override {
    grpc::ClientContext context;
    Count answer;
    const auto writer = stub().Push(&context, &answer);
    Payload payload;
    for (std::size_t i = 0; i < count; ++i) {
      payload.mutable_data()->assign(size, 'x');
      // A hint that more will come lets small messages leave together; some at a time, as flow control would have it.
      grpc::WriteOptions options;
      if (size < 1024 && i % 64 != 63) options.set_buffer_hint();
      if (!writer->Write(payload, options)) break;
    }
    writer->WritesDone();
    check(writer->Finish());
  }

  void feed(std::size_t count, std::size_t size) override {
    grpc::ClientContext context;
    FeedRequest request;
    request.set_count(static_cast<std::int64_t>(count));
    request.set_size(static_cast<std::int64_t>(size));
    const auto reader = stub().Feed(&context, request);
    Payload payload;
    while (reader->Read(&payload)) {
    }
    check(reader->Finish());
  }

  void connect(std::size_t count, bench::Latencies& latencies) override {
    for (std::size_t i = 0; i < count; ++i) {
      const auto began = bench::now();
      const auto made = channel();
      made->GetState(true);
      if (!made->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10))) {
        throw std::runtime_error("cannot connect");
      }
      latencies.add(began);
    }
  }

  void connect_and_call(std::size_t count, bench::Latencies& latencies) override {
    Payload payload;
    payload.set_data("x");
    for (std::size_t i = 0; i < count; ++i) {
      const auto began = bench::now();
      const auto made = Echo::NewStub(channel());
      grpc::ClientContext context;
      Payload answer;
      check(made->Bytes(&context, payload, &answer));
      latencies.add(began);
    }
  }

 private:
  class BytesCall {
   public:
    BytesCall(GrpcClient& client, const Payload& payload, bench::Latencies& latencies)
        : client_(client),
          latencies_(latencies),
          reader_(client.stub().AsyncBytes(&context_, payload, &client.queue_)) {
      reader_->Finish(&answer_, &status_, &done_);
    }

   private:
    void done() {
      check(status_);
      latencies_.add(began_);
      GrpcClient& client = client_;
      delete this;
      client.came();
    }
    GrpcClient& client_;
    bench::Latencies& latencies_;
    const bench::Time began_ = bench::now();
    grpc::ClientContext context_;
    Payload answer_;
    grpc::Status status_;
    Tag done_ = [this](bool) { done(); };
    const std::unique_ptr<grpc::ClientAsyncResponseReader<Payload>> reader_;
  };

  std::shared_ptr<grpc::Channel> channel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(server_, credentials_, arguments);
  }
  Echo::Stub& stub() {
    if (stubs_.empty()) stubs_.push_back(Echo::NewStub(channel()));
    return *stubs_.front();
  }
  void run_once(std::size_t events) {
    void* tag = nullptr;
    bool ok = false;
    for (; events > 0 && queue_.Next(&tag, &ok); --events) told(tag, ok);
  }
  void run(std::size_t in_flight) {
    for (std::size_t i = 0; i < in_flight; ++i) start_next();
    while (to_come_ > 0) run_once(1);
  }
  void start_next() {
    if (to_start_ == 0) return;
    --to_start_;
    began_ = bench::now();
    start_();
  }
  void came() {
    if (latencies_ != nullptr) latencies_->add(began_);
    --to_come_;
    start_next();
  }

  const std::string server_;
  std::shared_ptr<grpc::ChannelCredentials> credentials_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Echo::Stub>> stubs_;
  std::vector<std::unique_ptr<Chat>> chats_;
  std::function<void()> start_;
  std::size_t next_ = 0, size_ = 0, to_start_ = 0, to_come_ = 0;
  bench::Latencies* latencies_ = nullptr;
  bench::Time began_;
};

}  // namespace

int main(int argc, char** argv) {
  bench::allow_many_files();
  if (argc == 4 && std::string(argv[1]) == "server") return serve(argv[2], argv[3]);
  if (argc != 5) return std::cerr << "bench/side_by_side starts this\n", 1;
  auto* const client = new GrpcClient(argv[2], argv[3], argv[4]);
  bench::run_client(*client);
  std::_Exit(0);  // nothing here needs an orderly end
}
