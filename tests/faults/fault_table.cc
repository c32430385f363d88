#include "faults/fault_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace streamgauge::test {
namespace {

std::string Mib(std::size_t kib) { return fmt::format("{:.1f}", static_cast<double>(kib) / 1024); }

std::string Row(const Outcome& outcome, std::size_t width) {
  return fmt::format(
      "{:<{}} | {:>5} | {:>8} | {:>10} | {:>11} | {:>6} / {:<6} | {:>3} / {:<3} | {:>3} / {:<3}\n",
      outcome.fault, width, 1, outcome.survived() ? 1 : 0,
      outcome.down_after.count() < 0 ? "stays up"
                                     : fmt::format("{} ms", outcome.down_after.count()),
      outcome.polls_until_right < 0 ? "never"
                                    : fmt::format("{} poll(s)", outcome.polls_until_right),
      Mib(outcome.before.rss_kib), Mib(outcome.after.rss_kib), outcome.before.descriptors,
      outcome.after.descriptors, outcome.before.threads, outcome.after.threads);
}

}  // namespace

std::string TableOf(const std::vector<Outcome>& outcomes) {
  std::size_t width = 0;
  for (const Outcome& outcome : outcomes) width = std::max(width, outcome.fault.size());
  std::string table = fmt::format(
      "{:<{}} | tried | survived | down after | right again | RSS MiB, then  | "
      "files     | threads\n",
      "fault", width);
  std::uint64_t looks = 0;
  for (const Outcome& outcome : outcomes) {
    table += Row(outcome, width);
    looks += outcome.looks;
  }
  const auto survived = std::ranges::count_if(outcomes, &Outcome::survived);
  return table + fmt::format(
                     "{:<{}} | {:>5} | {:>8} | in {} scrapes, every figure compared with "
                     "the truth\n",
                     "all", width, outcomes.size(), survived, looks);
}

}  // namespace streamgauge::test
