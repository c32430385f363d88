// Whatever names servers have and clients ask for: the API answers in JSON that says the same, and
// no name becomes part of the page's structure.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzzer.h"
#include "http/api.h"
#include "http/group_query.h"
#include "http/negotiation.h"
#include "http/page.h"
#include "support/sample_board.h"

namespace streamgauge {
namespace {

using test::Pieces;
using test::Require;

std::vector<std::string_view> Lines(std::string_view text, std::size_t most) {
  std::vector<std::string_view> lines;
  for (Pieces pieces(text); !pieces.empty() && lines.size() < most;) lines.push_back(pieces.Line());
  return lines;
}

// Two targets that say the name, one by its groups and one by its failure.
void FillBoard(std::string_view name, Board& board) {
  Report report = test::SampleRedisReport();
  report.reading.version = name;
  report.reading.streams[0].name = test::StreamName(name);
  for (GroupReading& group : report.reading.groups) {
    group.name = test::GroupName(name);
    for (ConsumerReading& consumer : group.consumers) consumer.name = test::ConsumerName(name);
  }
  board.Publish(test::SampleTarget("redis", "fine", std::move(report)));
  auto down = std::make_shared<TargetView>(*test::DownTarget("kafka", "down"));
  down->error = Error{Reason::kUnavailable, std::string(name)};
  board.Publish(down);
}

QueryParameters ParametersOf(std::string_view text) {
  QueryParameters parameters;
  for (const std::string_view line : Lines(text, 8)) {
    const std::size_t equals = line.find('=');
    const std::string_view value = equals == line.npos ? "" : line.substr(equals + 1);
    parameters.emplace(line.substr(0, equals), value);
  }
  return parameters;
}

nlohmann::json Parsed(const std::string& text) {
  auto json = nlohmann::json::parse(text, nullptr, false);
  Require(json.is_object(), "an answer is a JSON object", text);
  return json;
}

void CheckGroups(const BoardView& view, const QueryParameters& parameters, std::string_view name) {
  const auto query = ParseGroupQuery(parameters);
  if (!query) {
    Require(Parsed(ErrorJson(query.error())).at("error").is_string(), "an error is told");
    return;
  }
  std::string text;
  Require(WriteGroups(view, *query,
                      [&text](std::string_view piece) {
                        text += piece;
                        return true;
                      }),
          "all is written");
  const nlohmann::json json = Parsed(text);
  const auto& groups = json.at("groups");
  const auto matched = json.at("matched").get<std::size_t>();
  Require(groups.size() == std::min(matched, query->limit.value_or(matched)),
          "as many are listed as match and are asked for", text);
  for (const auto& group : groups) {
    Require(group.at("group") == Readable(name) && group.at("stream") == Readable(name),
            "names are as people read them", text);
  }
}

std::string PageWith(std::string_view name) {
  Board board;
  FillBoard(name, board);
  return RenderPage(board.View(), "1.2.3", FromUnixMillis(1'700'000'100'000));
}

void CheckPage(std::string_view name) {
  static const std::string plain = PageWith("x");
  const std::string page = PageWith(name);
  for (const char structure : {'<', '>', '"', '\''}) {
    Require(std::ranges::count(page, structure) == std::ranges::count(plain, structure),
            "a name is no part of the page's structure", name);
  }
}

void CheckNegotiation(std::string_view header) {
  (void)NegotiateFormat(header);
  (void)PrefersGzip(header);
  const std::string refusing = std::string(header) + ", gzip;q=0, *;q=0";
  if (header.find_first_of("*gG") == std::string_view::npos) {
    Require(!PrefersGzip(refusing), "what is refused is not sent", header);
  }
}

}  // namespace
}  // namespace streamgauge

STREAMGAUGE_FUZZER(http_documents) {
  using namespace streamgauge;
  Pieces pieces(input);
  const std::string_view name = pieces.Until('|');
  Board board;
  FillBoard(name, board);
  const BoardView view = board.View();
  CheckGroups(view, ParametersOf(pieces.rest()), name);
  CheckGroups(view, {{"group", std::string(name)}}, name);
  Require(Parsed(TargetsJson(view)).at("targets").size() == 2, "all targets are told");
  CheckPage(name);
  CheckNegotiation(pieces.rest());
}
