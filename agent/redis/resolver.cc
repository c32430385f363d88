#include "redis/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "model/destroy.h"

namespace streamgauge {
namespace {

using Clock = std::chrono::steady_clock;
using AddressList = std::unique_ptr<addrinfo, Destroy<freeaddrinfo>>;

std::unexpected<Error> Failure(Reason reason, const std::string& host, std::string_view why) {
  return std::unexpected(
      Error{reason, "cannot look up the name " + host + ": " + std::string(why)});
}

// Empty, with getaddrinfo's code in `error`, when there is none.
AddressList Ask(const std::string& host, int flags, int& error) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  return AddressList(error == 0 ? found : nullptr);
}

bool IsAddress(const std::string& host) {
  int error = 0;
  return Ask(host, AI_NUMERICHOST, error) != nullptr;
}

std::string InDigits(const addrinfo& address) {
  std::array<char, NI_MAXHOST> text{};
  const int error = getnameinfo(address.ai_addr, address.ai_addrlen, text.data(), text.size(),
                                nullptr, 0, NI_NUMERICHOST);
  return error == 0 ? text.data() : "";
}

}  // namespace

Result<IpAddresses> LookUp(const std::string& host) {
  int error = 0;
  const AddressList found = Ask(host, 0, error);
  if (error != 0) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is safe
    const char* const why = error == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(error);
    return Failure(Reason::kUnavailable, host, why);
  }
  IpAddresses addresses;
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    std::string digits = InDigits(*at);
    const bool known = std::ranges::find(addresses, digits) != addresses.end();
    if (!digits.empty() && !known) addresses.push_back(std::move(digits));
  }
  if (addresses.empty()) return Failure(Reason::kUnavailable, host, "it has no address");
  return addresses;
}

struct Resolver::Shared : std::enable_shared_from_this<Resolver::Shared> {
  struct Question {
    std::optional<Result<IpAddresses>> answer;
    Clock::time_point answered{};
  };
  using QuestionRef = std::shared_ptr<Question>;

  explicit Shared(Lookup look_up_by) : look_up(std::move(look_up_by)) {}

  // The question about this host that is under way, or a new one. REQUIRES: the mutex is held.
  Result<QuestionRef> Ask(const std::string& host);
  void AskInThread(const std::string& host, QuestionRef question);

  const Lookup look_up;
  std::mutex mutex;
  std::condition_variable_any changed;
  std::map<std::string, QuestionRef> questions;  // asked, or answered and not taken yet
};

Result<Resolver::Shared::QuestionRef> Resolver::Shared::Ask(const std::string& host) {
  const auto now = Clock::now();
  std::erase_if(questions, [&](const auto& item) {
    return item.second->answer && now - item.second->answered > kKeepAnswer;
  });
  if (const auto found = questions.find(host); found != questions.end()) return found->second;
  const auto waiting = std::ranges::count_if(
      questions, [](const auto& item) { return !item.second->answer.has_value(); });
  if (static_cast<std::size_t>(waiting) >= kMostLookups) {
    return Failure(Reason::kUnavailable, host, "too many others wait for the name server");
  }
  auto question = std::make_shared<Question>();
  try {
    AskInThread(host, question);
  } catch (const std::system_error& error) {
    return Failure(Reason::kUnavailable, host, error.what());
  }
  questions.emplace(host, question);
  return question;
}

void Resolver::Shared::AskInThread(const std::string& host, QuestionRef question) {
  std::thread([self = shared_from_this(), host, question = std::move(question)] {
    auto answer = self->look_up(host);
    const std::lock_guard lock(self->mutex);
    question->answer = std::move(answer);
    question->answered = Clock::now();
    self->changed.notify_all();
  }).detach();
}

Resolver::Resolver(Lookup look_up) : shared_(std::make_shared<Shared>(std::move(look_up))) {}

Result<IpAddresses> Resolver::Resolve(const std::string& host, SteadyTime deadline,
                                      const std::stop_token& stop) {
  if (IsAddress(host)) return IpAddresses{host};
  std::unique_lock lock(shared_->mutex);
  const auto asked = shared_->Ask(host);
  if (!asked) return std::unexpected(asked.error());
  const auto& question = *asked;
  const bool answered = shared_->changed.wait_until(
      lock, stop, deadline, [&question] { return question->answer.has_value(); });
  if (!answered && stop.stop_requested()) {
    return Failure(Reason::kUnavailable, host, "stopped while waiting");
  }
  if (!answered) return Failure(Reason::kTimeout, host, "the name server does not answer in time");
  const auto found = shared_->questions.find(host);
  if (found != shared_->questions.end() && found->second == question) {
    shared_->questions.erase(found);
  }
  return *question->answer;
}

Resolver& SystemResolver() {
  static auto& resolver = *new Resolver;
  return resolver;
}

}  // namespace streamgauge
