// A TCP proxy on 127.0.0.1 that stands between the agent and a server, and spoils the way between
// them on demand: late, half-open, reset, cut off, dripping or refused.
//
// One thread does all the work. It holds at most 64 KiB for each way of a connection and stops
// reading beyond that, as a network does. The methods may be called from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace streamgauge::test {

enum class Way : std::uint8_t { kRequests, kReplies };  // to the server, from the server

// What happens to the bytes that go one way, on every connection. By default they pass.
struct WayFault {
  std::chrono::milliseconds delay{0};  // each piece arrives so much later
  bool holds = false;                  // nothing passes; what is held passes when the fault is over
  // Bytes are read and lost. A connection that lost some is dead for ever, and stays open.
  bool swallows = false;
  std::size_t drip_bytes = 0;  // above 0: no more than so many bytes every drip_every
  std::chrono::milliseconds drip_every{10};
  std::optional<std::size_t> cut_after;  // both ends are closed when so many more have passed
  bool cut_by_reset = false;             // by RST instead of FIN
};

class FaultProxy {
 public:
  // Listens on `port`, or where the kernel likes. Throws std::system_error when it cannot.
  explicit FaultProxy(std::uint16_t server_port, std::uint16_t port = 0);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return open_; }
  std::size_t accepted() const { return accepted_; }  // since the beginning

  void Set(Way way, const WayFault& fault);
  void Refuse();    // new connections get a RST; those that are open stay
  void ResetAll();  // every open connection gets a RST at both ends
  void Heal();      // everything passes again, but on connections that have lost bytes

  // Calls `act` in the proxy's thread when `text` is about to pass that way, once, before it does:
  // what happens to a server between two commands of a client. Text that is cut in two by the
  // network is not found.
  void Before(Way way, std::string text, std::function<void()> act);

 private:
  struct Lane;
  struct Link;
  struct Trigger {
    Way way;
    std::string text;
    std::function<void()> act;
  };

  void Run(const std::stop_token& stop);
  void Accept();
  void Wake() const;
  // One round: waits for what can be done, and does it. REQUIRES: called by the thread alone.
  void Turn();
  bool Step(Link& link, short client_events, short server_events);
  bool Fill(Link& link, Lane& lane);
  bool Drain(Link& link, Lane& lane);
  void Fire(Way way, const std::string& bytes);

  int listener_ = -1;
  int wake_ = -1;
  std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> open_ = 0;
  std::atomic<std::size_t> accepted_ = 0;

  std::mutex mutex_;  // guards the four below
  WayFault faults_[2];
  bool refuses_ = false;
  bool resets_ = false;
  std::optional<Trigger> trigger_;

  std::list<Link> links_;  // of the thread
  std::jthread thread_;    // last: it uses everything above
};

}  // namespace streamgauge::test
