#include "kafka/kerberos.h"

#include <gtest/gtest.h>

namespace streamgauge::kafka {
namespace {

TEST(KerberosTest, ItIsMeantWhereNoOtherMechanismIsNamed) {
  struct Row {
    std::map<std::string, std::string> properties;
    bool uses;
  };
  const Row rows[] = {
      {{}, false},
      {{{"security.protocol", "ssl"}}, false},
      {{{"security.protocol", "sasl_ssl"}}, true},
      {{{"security.protocol", "SASL_SSL"}, {"sasl.mechanism", "GSSAPI"}}, true},
      {{{"security.protocol", "SASL_SSL"}, {"sasl.mechanism", "PLAIN"}}, false},
      {{{"security.protocol", "SASL_PLAINTEXT"}, {"sasl.mechanisms", "OAUTHBEARER"}}, false},
      {{{"sasl.mechanisms", "GSSAPI"}}, false},  // nobody logs in
  };
  for (const Row& row : rows) EXPECT_EQ(UsesKerberos(row.properties), row.uses);
}

TEST(KerberosTest, ACommandIsNotRepeated) {
  struct Row {
    const char* line;
    const char* without;
  };
  const Row rows[] = {
      {"Kerberos ticket refresh failed: echo s3cret: | kinit: exited with code 1",
       "Kerberos ticket refresh failed: exited with code 1"},
      {"Kerberos ticket refresh failed: kinit: received signal 9",
       "Kerberos ticket refresh failed: received signal 9"},
      {"Slow Kerberos ticket refresh: 5955ms: echo s3cret | kinit", "Slow Kerberos ticket refresh"},
      {"Refreshing Kerberos ticket with command: echo s3cret | kinit",
       "Refreshing Kerberos ticket with command"},
      {"Kerberos ticket refreshed", "Kerberos ticket refreshed"},
      {"", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(WithoutCommand(row.line), row.without) << row.line;
}

}  // namespace
}  // namespace streamgauge::kafka
