#include "http/negotiation.h"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

constexpr auto kText = ExpositionFormat::kPrometheusText;
constexpr auto kOpenMetrics = ExpositionFormat::kOpenMetrics;

TEST(NegotiationTest, TheFormatIsTheOneThatIsWantedMost) {
  struct Case {
    const char* accept;
    ExpositionFormat format;
    const char* reason;
  };
  const Case cases[] = {
      {"", kText, "no header"},
      {"*/*", kText, "curl"},
      {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", kText, "a browser"},
      {"application/openmetrics-text;version=1.0.0,application/"
       "openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       kOpenMetrics, "Prometheus 2"},
      {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
       "application/openmetrics-text;version=0.0.1;q=0.5,"
       "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,"
       "*/*;q=0.2",
       kOpenMetrics, "Prometheus 3"},
      {"text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.8", kText,
       "configured to prefer text"},
      {"application/openmetrics-text; version=1.0.0; q=0", kText, "q=0 is a refusal"},
      {"application/openmetrics-text; version=2.0.0", kText, "a version that is not spoken here"},
      {"Application/OpenMetrics-Text", kOpenMetrics, "types know no case"},
      {"application/openmetrics-text;q=much", kText, "a garbled quality is no wish"},
      {"application/xml", kText, "a refused scrape helps nobody"},
      {",;,=;q,;q=", kText, "garbage"},
  };
  for (const Case& c : cases) EXPECT_EQ(NegotiateFormat(c.accept), c.format) << c.reason;
}

TEST(NegotiationTest, GzipIsUsedWhereItIsWelcome) {
  struct Case {
    const char* accept_encoding;
    bool gzip;
    const char* reason;
  };
  const Case cases[] = {
      {"", false, "no header"},
      {"gzip", true, "Prometheus"},
      {"GZIP", true, "codings know no case"},
      {"deflate, gzip;q=1.0, *;q=0.5", true, "among others"},
      {"gzip;q=0", false, "q=0 is a refusal"},
      {"gzip;q=0, *", false, "the coding's own wish beats the wildcard"},
      {"*", true, "anything"},
      {"*;q=0", false, "nothing"},
      {"identity", false, "only as it is"},
      {"gzip;q=0.5, identity;q=1", false, "rather as it is"},
      {"gzip;q=0.5, identity;q=0.1", true, "rather compressed"},
      {"br, deflate", false, "others"},
      {"xgzip, gzipx", false, "names that only contain it"},
  };
  for (const Case& c : cases) EXPECT_EQ(PrefersGzip(c.accept_encoding), c.gzip) << c.reason;
}

}  // namespace
}  // namespace streamgauge
