// Ice in C++ (the C++11 mapping), over tcp without encryption or over TLS with certificates at both ends. Thread pools
// of one thread, as Ice has them by default.
//
// Variants: "plain", "mtls".
#include <cstdlib>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>

#include <Ice/Ice.h>

#include "ice_echo.h"
#include "peer.h"

namespace {

using Bytes = std::pair<const Ice::Byte*, const Ice::Byte*>;

Ice::InitializationData options(const std::string& variant, const std::string& folder, const std::string& name) {
  Ice::InitializationData data;
  data.properties = Ice::createProperties();
  data.properties->setProperty("Ice.MessageSizeMax", "65536");
  if (variant == "mtls") {
    data.properties->setProperty("Ice.Plugin.IceSSL", "IceSSL:createIceSSL");
    data.properties->setProperty("IceSSL.DefaultDir", folder);
    data.properties->setProperty("IceSSL.CAs", "authority.crt");
    data.properties->setProperty("IceSSL.CertFile", name + ".crt");
    data.properties->setProperty("IceSSL.KeyFile", name + ".key");
    data.properties->setProperty("IceSSL.VerifyPeer", "2");
    data.properties->setProperty("IceSSL.Protocols", "TLS1_2, TLS1_3");
  }
  return data;
}

class Served final : public BenchEcho::Echo {
 public:
  BytesMarshaledResult bytes(Bytes data, const Ice::Current& current) override {
    return BytesMarshaledResult(data, current);
  }
};

int serve(const std::string& variant, const std::string& folder) {
  const auto communicator = Ice::initialize(options(variant, folder, "server"));
  const std::string protocol = variant == "mtls" ? "ssl" : "tcp";
  const auto adapter = communicator->createObjectAdapterWithEndpoints("echo", protocol + " -h 127.0.0.1 -p 0");
  const auto proxy = adapter->add(std::make_shared<Served>(), Ice::stringToIdentity("echo"));
  adapter->activate();
  bench::run_server(proxy->ice_toString());
  std::_Exit(0);
}

class IceClient final : public bench::Client {
 public:
  IceClient(const std::string& variant, const std::string& folder, std::string server)
      : data_(options(variant, folder, "client")), server_(std::move(server)) {}

  void call(std::size_t count, std::size_t size, std::size_t in_flight, bench::Latencies& latencies) override {
    const std::vector<Ice::Byte> payload(size, 'x');
    const Bytes data{payload.data(), payload.data() + size};
    const auto& echo = proxy();
    if (in_flight == 1) {
      for (std::size_t i = 0; i < count; ++i) {
        const auto began = bench::now();
        echo->bytes(data);
        latencies.add(began);
      }
      return;
    }
    to_start_ = to_come_ = count;
    done_ = std::promise<void>();
    for (std::size_t i = 0; i < in_flight; ++i) start_next(data, latencies);
    done_.get_future().get();
  }

  void connect_and_call(std::size_t count, bench::Latencies& latencies) override {
    const Ice::Byte byte = 'x';
    for (std::size_t i = 0; i < count; ++i) {
      const auto began = bench::now();
      // A name of its own gives it a connection of its own.
      const auto proxy = this->proxy()->ice_connectionId(std::to_string(++connections_));
      proxy->bytes({&byte, &byte + 1});
      latencies.add(began);
      proxy->ice_getCachedConnection()->close(Ice::ConnectionClose::Gracefully);
    }
  }

 private:
  const std::shared_ptr<BenchEcho::EchoPrx>& proxy() {
    if (echo_ == nullptr) {
      communicator_ = Ice::initialize(data_);
      echo_ = Ice::uncheckedCast<BenchEcho::EchoPrx>(communicator_->stringToProxy(server_));
    }
    return echo_;
  }
  // Several threads, one after the other.
  void start_next(const Bytes& data, bench::Latencies& latencies) {
    {
      const std::lock_guard lock(mutex_);
      if (to_start_ == 0) return;
      --to_start_;
    }
    const auto began = bench::now();
    echo_->bytesAsync(
        data,
        [this, data, began, &latencies](const Bytes&) {
          bool is_last = false;
          {
            const std::lock_guard lock(mutex_);
            latencies.add(began);
            is_last = --to_come_ == 0;
          }
          if (is_last) return done_.set_value();
          start_next(data, latencies);
        },
        [](const std::exception_ptr&) { std::exit(1); });
  }

  const Ice::InitializationData data_;
  const std::string server_;
  Ice::CommunicatorPtr communicator_;
  std::shared_ptr<BenchEcho::EchoPrx> echo_;
  std::mutex mutex_;
  std::size_t to_start_ = 0, to_come_ = 0, connections_ = 0;
  std::promise<void> done_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "server") return serve(argv[2], argv[3]);
  if (argc != 5) return std::cerr << "bench/side_by_side starts this\n", 1;
  auto* const client = new IceClient(argv[2], argv[3], argv[4]);
  bench::run_client(*client);
  std::_Exit(0);
}
