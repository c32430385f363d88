#include "kafka/missing_rights.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "kafka/rights.h"
#include "log/log.h"

namespace streamgauge::kafka {
namespace {

// A line's worth. The rest is counted in it.
constexpr std::ptrdiff_t kNamesInALine = 5;
// Of each right so many names are kept apart.
constexpr std::size_t kMaxNames = 10'000;

std::string Listed(const std::vector<std::string>& names, std::size_t more) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  if (more > 0) list += " and " + std::to_string(more) + " more";
  return list;
}

std::string_view LostWithout(std::string_view operation, std::string_view resource) {
  const auto found = std::ranges::find_if(Rights(), [&](const Right& right) {
    return right.operation == operation && right.resource == resource;
  });
  return found == Rights().end() ? "" : found->lost;
}

}  // namespace

MissingRights::MissingRights(std::string target, const KafkaTargetConfig& config)
    : target_(std::move(target)), config_(config) {}

void MissingRights::Take(std::string_view operation, std::string_view resource,
                         const std::string& name, const Error* error) {
  const Key right{operation, resource};
  if (error == nullptr) {
    if (const auto told = told_.find(right); told != told_.end()) told->second.erase(name);
    return;
  }
  if (error->reason != Reason::kUnauthorized) return;
  std::set<std::string>& told = told_[right];
  if (told.size() < kMaxNames && told.insert(name).second) untold_[right].insert(name);
}

void MissingRights::Tell() {
  for (const auto& [right, names] : untold_) {
    const auto shown = std::min(kNamesInALine, static_cast<std::ptrdiff_t>(names.size()));
    const std::vector<std::string> first(names.begin(), std::next(names.begin(), shown));
    const std::string operation(right.first);
    log::Warn("kafka target {}: {} is refused on {} {}: {}. Grant it{}: {}", target_, operation,
              right.second, Listed(first, names.size() - first.size()),
              LostWithout(operation, right.second), names.size() > 1 ? ", each like this" : "",
              GrantCommand(config_, {&operation, 1}, right.second, first[0]));
  }
  untold_.clear();
}

}  // namespace streamgauge::kafka
