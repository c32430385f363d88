#include "redis/access_merge.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace streamgauge {
namespace {

bool AskTheSame(const AccessCheck& a, const AccessCheck& b) {
  return a.what == b.what && a.on == b.on;
}

bool AreTheSame(const AccessCheck& a, const AccessCheck& b) {
  return AskTheSame(a, b) && a.need == b.need && a.access == b.access && a.detail == b.detail &&
         a.lost == b.lost && a.grant == b.grant;
}

// Something that servers said, and which of them.
template <typename T>
struct Said {
  T what;
  std::vector<std::string> by;
};

template <typename T>
std::string PlaceOf(const Said<T>& said, std::size_t servers, std::string_view kind) {
  if (said.by.size() == servers && servers > 1) return "every " + std::string(kind);
  std::string list;
  for (const std::string& server : said.by) list += (list.empty() ? "" : ", ") + server;
  return list;
}

using Rows = std::vector<Said<AccessCheck>>;

// Different answers to one question stand together.
void Add(const AccessCheck& check, const std::string& server, Rows& rows) {
  auto place = rows.end();
  for (auto row = rows.begin(); row != rows.end(); ++row) {
    if (AreTheSame(row->what, check)) {
      row->by.push_back(server);
      return;
    }
    if (AskTheSame(row->what, check)) place = row + 1;
  }
  rows.insert(place, {check, {server}});
}

std::size_t CountAsked(const AccessCheck& check, const Rows& rows) {
  std::size_t servers = 0;
  for (const auto& row : rows) {
    if (AskTheSame(row.what, check)) servers += row.by.size();
  }
  return servers;
}

bool IsFineElsewhere(const Said<AccessCheck>& row, const Rows& rows) {
  return row.what.access == Access::kWorks && std::ranges::any_of(rows, [&](const auto& other) {
           return AskTheSame(row.what, other.what) && other.what.access != Access::kWorks;
         });
}

void AddGrant(const AccessGrant& grant, const std::string& server,
              std::vector<Said<AccessGrant>>& grants) {
  const auto same = std::ranges::find_if(
      grants, [&](const auto& other) { return other.what.command == grant.command; });
  if (same != grants.end()) {
    same->by.push_back(server);
  } else {
    grants.push_back({grant, {server}});
  }
}

}  // namespace

AccessReport MergeAccess(const std::vector<ServerAccess>& servers, std::string_view kind) {
  Rows rows;
  std::vector<Said<AccessGrant>> grants;
  for (const ServerAccess& one : servers) {
    for (const AccessCheck& check : one.report.checks) Add(check, one.server, rows);
    for (const AccessGrant& grant : one.report.grants) AddGrant(grant, one.server, grants);
  }
  AccessReport merged;
  for (const auto& row : rows) {
    if (IsFineElsewhere(row, rows)) continue;
    AccessCheck& check = merged.checks.emplace_back(row.what);
    const bool all_is_well =
        check.access == Access::kWorks && row.by.size() == CountAsked(check, rows);
    if (!all_is_well) check.at = PlaceOf(row, servers.size(), kind);
  }
  for (const auto& grant : grants) {
    merged.grants.push_back({PlaceOf(grant, servers.size(), kind), grant.what.command});
  }
  return merged;
}

}  // namespace streamgauge
