// The connections that a server has accepted, each with a time limit. httplib bounds only the wait
// for each piece of a request or answer, so that a client that sends a byte now and then would keep
// a thread for ever.
//
// httplib tells nobody its sockets: the descriptor of a new connection is looked for among those of
// the process. What is kept is a duplicate, so that nothing else can take its number. Methods may
// be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "model/time.h"

namespace streamgauge {

// How long one connection, which has one request, may keep a thread. Looked at five times a second.
struct ConnectionLimits {
  std::chrono::milliseconds request = std::chrono::seconds(10);  // until the request is whole
  std::chrono::milliseconds answer = std::chrono::seconds(30);   // from then on
  // From then on when the answer is an error: a line, while httplib waits for a rest of the body.
  std::chrono::milliseconds error = std::chrono::seconds(1);
  // How many answers that may be large are sent at a time (answer_places.h).
  std::size_t large_answers = 12;
  // The same while other connections wait for a thread, or as many answers are being sent as may
  // be: a usual client needs milliseconds.
  std::chrono::milliseconds request_when_full = std::chrono::seconds(1);
  std::chrono::milliseconds answer_when_full = std::chrono::seconds(5);
};

class Connections {
 public:
  class Connection;
  using ConnectionRef = std::shared_ptr<Connection>;

  explicit Connections(ConnectionLimits limits);
  ~Connections();

  // The connection that the listener on `port` has just accepted, as one that waits for a thread.
  // Null when it is not found, or when there is no descriptor left to watch it with: then it must
  // not be served. It is watched until the last reference goes.
  ConnectionRef Accepted(std::uint16_t port);
  // The calling thread serves the connection from now on, and is to read its request.
  void Serve(const ConnectionRef& connection);
  // The connection that the calling thread serves has sent its whole request, or what is not worth
  // reading on.
  void BeginAnswer();
  void BeginErrorAnswer();
  // Ends reads and writes of all of them, whichever thread is in them. Their owner closes them.
  void ShutDownAll();

 private:
  enum class Phase : std::uint8_t { kWaits, kRequest, kAnswer, kError };

  void Watch(const std::stop_token& stop);
  void Enter(Phase phase, const ConnectionRef& connection);
  void ShutDownOverdue(SteadyTime now);
  // REQUIRES: mutex_ is held, for these too.
  bool IsKnown(const std::string& identity) const;
  ConnectionRef Keep(std::unique_ptr<Connection> connection);
  bool IsFull() const;
  std::chrono::milliseconds LimitOf(Phase phase, bool full) const;

  const ConnectionLimits limits_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  // All whose duplicates are open: they are closed under the mutex, lest one that has just ended be
  // taken for the one that has just been accepted.
  std::vector<std::unique_ptr<Connection>> connections_;
  std::jthread watcher_;
};

}  // namespace streamgauge
