#include "redis/server_info.h"

#include <gtest/gtest.h>

#include <string>

namespace streamgauge {
namespace {

TEST(ServerIdentity, IsWhatItsMakersCallIt) {
  const ServerIdentity redis = ParseServerIdentity("# Server\r\nredis_version:7.0.15\r\nos:x\r\n");
  EXPECT_EQ(redis.version, "7.0.15");
  EXPECT_EQ(redis.major, 7);
  const ServerIdentity valkey = ParseServerIdentity(
      "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n");
  EXPECT_EQ(valkey.version, "8.0.1");
  EXPECT_EQ(valkey.major, 7) << "the Redis whose replies it gives";
  EXPECT_EQ(ParseServerIdentity("").major, 0);
}

TEST(ServerIdentity, HasTheModeThatTheServerRunsIn) {
  EXPECT_EQ(ParseServerIdentity("redis_mode:sentinel\r\n").mode, "sentinel");
  EXPECT_EQ(ParseServerIdentity("server_mode:cluster\r\n").mode, "cluster") << "Valkey";
  EXPECT_EQ(ParseServerIdentity("redis_version:7.0.15\r\n").mode, "");
}

TEST(ServerIdentity, TellsWhetherTrimmingMayDropPendingEntries) {
  const auto trims_references = [](const char* info) {
    return ParseServerIdentity(info).trims_references;
  };
  EXPECT_FALSE(trims_references("redis_version:7.0.15\r\n"));
  EXPECT_FALSE(trims_references("redis_version:8.0.3\r\n"));
  EXPECT_TRUE(trims_references("redis_version:8.2.0\r\n"));
  EXPECT_TRUE(trims_references("redis_version:10.0.0\r\n"));
  EXPECT_FALSE(trims_references("redis_version:7.2.4\r\nvalkey_version:9.1.0\r\n"));
  EXPECT_TRUE(trims_references("redis_version:7.2.4\r\nvalkey_version:9.2.0\r\n"));
  EXPECT_TRUE(trims_references("")) << "unknown: it may";
}

std::string Info(const std::string& statistics, const std::string& role = "master",
                 const std::string& replid = "abc") {
  return "# Replication\r\nrole:" + role + "\r\nmaster_replid:" + replid +
         "\r\n# Commandstats\r\n" + statistics;
}

TEST(CommandCounts, AddUpWhatIsAlike) {
  const auto counts = ParseCommandCounts(
      Info("cmdstat_xgroup|setid:calls=2,usec=5,usec_per_call=2.50\r\n"
           "cmdstat_xgroup|create:calls=3,usec=5\r\ncmdstat_xgroup|createconsumer:calls=50\r\n"
           "cmdstat_flushall:calls=1,usec=9\r\ncmdstat_xclaim:calls=4\r\n"
           "cmdstat_xautoclaim:calls=5\r\ncmdstat_xdel:calls=6\r\n"
           "cmdstat_xdelex:calls=1\r\ncmdstat_xackdel:calls=1\r\ncmdstat_xadd:calls=7\r\n"
           "cmdstat_info:calls=8\r\n"));
  ASSERT_TRUE(counts);
  EXPECT_TRUE(counts->primary);
  EXPECT_EQ(counts->replication_id, "abc");
  EXPECT_EQ(counts->moves_groups, 5u);
  EXPECT_EQ(counts->moves_keys, 1u);
  EXPECT_EQ(counts->claims, 4u);
  EXPECT_EQ(counts->autoclaims, 5u);
  EXPECT_EQ(counts->deletes_entries, 6u);
  EXPECT_EQ(counts->deletes_references, 2u);
  EXPECT_EQ(counts->info, 8u);
}

TEST(CommandCounts, LeaveOutCallsThatFailedAndSoMovedNothing) {
  const auto counts = ParseCommandCounts(
      Info("cmdstat_xgroup|create:calls=3,usec=5,usec_per_call=1.67,rejected_calls=9,"
           "failed_calls=2\r\n"
           "cmdstat_rename:calls=4,usec=5,usec_per_call=1.25,rejected_calls=0,failed_calls=4\r\n"
           "cmdstat_debug:calls=2,usec=5,usec_per_call=2.50,rejected_calls=0,failed_calls=1\r\n"));
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->moves_groups, 1u);
  EXPECT_EQ(counts->moves_keys, 2u) << "DEBUG RELOAD may fail after it has emptied everything";
}

TEST(CommandCounts, AreUnknownWhereTheServerDoesNotTell) {
  EXPECT_FALSE(ParseCommandCounts(""));
  EXPECT_FALSE(ParseCommandCounts("# Server\r\nredis_version:7.0.15\r\n"));
}

TEST(Role, IsToldByInfoReplication) {
  EXPECT_EQ(IsReplica(Info("", "master")), false);
  EXPECT_EQ(IsReplica(Info("", "slave")), true);
  EXPECT_EQ(IsReplica(Info("", "replica")), true) << "as some others say";
  EXPECT_EQ(IsReplica("# Server\r\nredis_version:7.0.15\r\n"), std::nullopt);
  EXPECT_EQ(DescribeReplica("role:slave\r\nmaster_host:10.0.0.5\r\nmaster_port:6379\r\n"
                            "master_link_status:down\r\n"),
            "of 10.0.0.5:6379, link down");
}

std::optional<CommandCounts> Look(const std::string& statistics) {
  return ParseCommandCounts(Info(statistics));
}

// The first of three looks in a row in which nothing happened but our own INFO.
const char* const kCalm[] = {"cmdstat_info:calls=5\r\n", "cmdstat_info:calls=6\r\n",
                             "cmdstat_info:calls=7\r\n"};

Epochs After(const std::string& info) {
  return Advance({}, {Look(kCalm[0]), Look(kCalm[1])}, {Look(kCalm[2]), ParseCommandCounts(info)});
}

TEST(Epochs, ChangeWhereSomethingMayHaveHappened) {
  struct Row {
    std::string after;
    std::uint64_t keys;
    std::uint64_t groups;
    std::uint64_t claims;
    const char* why;
  };
  const Row rows[] = {
      {Info("cmdstat_info:calls=8\r\n"), 0, 0, 0, "nothing but our own INFO"},
      {Info("cmdstat_info:calls=8\r\ncmdstat_xadd:calls=9\r\n"), 0, 0, 0, "traffic"},
      {Info("cmdstat_info:calls=8\r\ncmdstat_xgroup|setid:calls=1\r\n"), 0, 1, 0, "SETID"},
      {Info("cmdstat_info:calls=8\r\ncmdstat_rename:calls=1\r\n"), 1, 0, 0, "RENAME"},
      {Info("cmdstat_info:calls=8\r\ncmdstat_xclaim:calls=1\r\n"), 0, 0, 1, "maybe with LASTID"},
      {Info("cmdstat_info:calls=7\r\n"), 1, 1, 1, "our own INFO is missing: RESETSTAT"},
      {Info("cmdstat_info:calls=9\r\ncmdstat_config|resetstat:calls=1\r\n"), 1, 1, 1, "RESETSTAT"},
      {Info("cmdstat_info:calls=8\r\n", "slave"), 1, 1, 1, "no primary any more"},
      {Info("cmdstat_info:calls=8\r\n", "master", "def"), 1, 1, 1, "was a replica meanwhile"},
      {"", 1, 1, 1, "INFO was refused"},
  };
  for (const Row& row : rows) {
    const Epochs epochs = After(row.after);
    EXPECT_EQ(epochs.keys, row.keys) << row.why;
    EXPECT_EQ(epochs.groups, row.groups) << row.why;
    EXPECT_EQ(epochs.claims, row.claims) << row.why;
  }
}

// After the first CONFIG RESETSTAT every other one leaves calls=1, as the one before had. Somebody
// who calls INFO often makes up for that in no time, but not for what a poll has asked.
TEST(Epochs, ChangeWithASecondResetThatOthersCallsHide) {
  const std::string reset = "cmdstat_config|resetstat:calls=1\r\n";
  const auto before = Look(reset + "cmdstat_info:calls=2\r\n");
  const auto polled = Look(reset + "cmdstat_info:calls=4\r\ncmdstat_xinfo|stream:calls=3\r\n");
  const auto hidden = Look(reset + "cmdstat_info:calls=60\r\n");
  const auto after = Look(reset + "cmdstat_info:calls=61\r\ncmdstat_xinfo|stream:calls=3\r\n");
  EXPECT_EQ(Advance({}, {before, polled}, {hidden, after}).groups, 1u);

  const auto calm = Look(reset + "cmdstat_info:calls=60\r\ncmdstat_xinfo|stream:calls=3\r\n");
  EXPECT_EQ(Advance({}, {before, polled}, {calm, after}).groups, 0u) << "no second reset";
}

TEST(Epochs, ChangeWhereALookBetweenIsMissing) {
  EXPECT_EQ(Advance({}, {Look(kCalm[0]), {}}, {Look(kCalm[1]), Look(kCalm[2])}).groups, 1u);
  EXPECT_EQ(Advance({}, {Look(kCalm[0]), Look(kCalm[1])}, {{}, Look(kCalm[2])}).groups, 1u);
}

TEST(Epochs, AreKnownOnlyOfAPrimaryThatTells) {
  EXPECT_TRUE(Advance({}, {}, {Look(kCalm[0]), Look(kCalm[1])}).known)
      << "the first poll is a beginning";
  EXPECT_FALSE(After("").known);
  EXPECT_FALSE(After(Info("", "slave")).known);
}

}  // namespace
}  // namespace streamgauge
