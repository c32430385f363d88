#include "redis/cluster_reply.h"

#include <gtest/gtest.h>

#include <string>

#include "redis/recorded.h"

namespace streamgauge {
namespace {

const RedisAddress kFrom{.host = "10.0.0.1", .port = 7000};

TEST(ClusterSlot, IsThatOfTheKeyOrOfItsTag) {
  struct Row {
    const char* key;
    std::uint16_t slot;  // as CLUSTER KEYSLOT of redis-server 7.0.15 says
    const char* why;
  };
  for (const Row& row : {
           Row{"123456789", 12739, "the checksum's own example"},
           Row{"", 0, "nothing"},
           Row{"orders", 105, "a plain key"},
           Row{"{orders}:eu", 105, "only the tag counts"},
           Row{"a{orders}{b}", 105, "the first tag"},
           Row{"{}orders", 2209, "an empty tag is none"},
           Row{"{orders", 3879, "nor is one that does not end"},
           Row{"a{{b}}", 6215, "it ends at the first brace"},
           Row{"\xff\x80", 4727, "bytes are bytes"},
       }) {
    EXPECT_EQ(SlotOf(row.key), row.slot) << row.why;
  }
}

TEST(ClusterRedirect, NamesTheNodeToAsk) {
  struct Row {
    const char* text;
    const char* host;
    std::uint16_t port;
    bool asking;
    const char* why;
  };
  for (const Row& row : {
           Row{"MOVED 3999 10.0.0.2:6381", "10.0.0.2", 6381, false, "for good"},
           Row{"ASK 3999 10.0.0.2:6381", "10.0.0.2", 6381, true, "for once"},
           Row{"MOVED 3999 ::1:6381", "::1", 6381, false, "IPv6 goes without brackets"},
           Row{"MOVED 3999 redis-2.local:6381", "redis-2.local", 6381, false, "a name"},
           Row{"MOVED 3999 :6381", "10.0.0.1", 6381, false, "a node that does not know its name"},
       }) {
    const auto redirect = ParseRedirect(row.text, kFrom);
    ASSERT_TRUE(redirect) << row.why;
    EXPECT_EQ(redirect->to.host, row.host) << row.why;
    EXPECT_EQ(redirect->to.port, row.port) << row.why;
    EXPECT_EQ(redirect->asking, row.asking) << row.why;
  }
}

TEST(ClusterRedirect, IsNothingElse) {
  for (const char* text :
       {"ERR no such key", "MOVED", "MOVED 1", "MOVED 1 host", "MOVED 1 host:", "MOVED 1 host:0",
        "MOVED 1 host:70000", "MOVED 1 host:63x", "MOVED 1 ?:6379", "ASKING 1 host:6379"}) {
    EXPECT_FALSE(ParseRedirect(text, kFrom)) << text;
  }
}

TEST(ClusterRedirect, LeadsThroughTlsWhatCameThroughTls) {
  RedisAddress from = kFrom;
  from.tls = true;
  EXPECT_TRUE(ParseRedirect("MOVED 1 host:6379", from)->to.tls);
}

// Two primaries, the first with a replica and two ranges; the host of the second is not told.
constexpr std::string_view kSlots =
    "*3\r\n"
    "*4\r\n:0\r\n:99\r\n*4\r\n$8\r\n10.0.0.2\r\n:6379\r\n$1\r\na\r\n*0\r\n"
    "*4\r\n$8\r\n10.0.0.3\r\n:6379\r\n$1\r\nb\r\n*0\r\n"
    "*3\r\n:200\r\n:299\r\n*4\r\n$8\r\n10.0.0.2\r\n:6379\r\n$1\r\na\r\n*0\r\n"
    "*3\r\n:16383\r\n:16383\r\n*4\r\n$-1\r\n:6380\r\n$1\r\nc\r\n*0\r\n";

TEST(ClusterSlots, TellWhichPrimaryHasASlot) {
  const auto layout = ParseClusterSlots(*Recorded(kSlots).reply, kFrom);
  ASSERT_TRUE(layout);
  ASSERT_EQ(layout->primaries.size(), 2u);
  EXPECT_EQ(layout->primaries[0].host, "10.0.0.2");
  EXPECT_EQ(layout->primaries[1].host, "10.0.0.1") << "the one that was asked";
  EXPECT_EQ(layout->primaries[1].port, 6380);
  EXPECT_EQ(layout->owners[0], 0);
  EXPECT_EQ(layout->owners[99], 0);
  EXPECT_EQ(layout->owners[100], Layout::kNobody);
  EXPECT_EQ(layout->owners[250], 0);
  EXPECT_EQ(layout->owners[16383], 1);
  EXPECT_EQ(layout->OwnerOf("123456789"), std::nullopt) << "nobody has slot 12739";
  EXPECT_EQ((Layout{.primaries = {kFrom}, .owners = {}}.OwnerOf("123456789")), 0u)
      << "no cluster: the one primary has everything";
}

// As Redis 7 tells with cluster-preferred-endpoint-type hostname.
TEST(ClusterSlots, ANodeThatAnnouncesNoNameIsMetAtItsAddress) {
  struct Row {
    std::string_view metadata;
    const char* host;
  };
  for (const Row& row :
       {Row{"*2\r\n$2\r\nip\r\n$8\r\n10.0.0.7\r\n", "10.0.0.7"},
        Row{"*4\r\n$1\r\nx\r\n$1\r\ny\r\n$2\r\nip\r\n$8\r\n10.0.0.7\r\n", "10.0.0.7"},
        Row{"*2\r\n$2\r\nip\r\n$0\r\n\r\n", "10.0.0.1"}}) {
    const std::string slots =
        "*1\r\n*3\r\n:0\r\n:5\r\n*4\r\n$1\r\n?\r\n:6379\r\n$1\r\na\r\n" + std::string(row.metadata);
    const auto layout = ParseClusterSlots(*Recorded(slots).reply, kFrom);
    ASSERT_TRUE(layout);
    EXPECT_EQ(layout->primaries.at(0).host, row.host);
  }
}

TEST(ClusterSlots, ThatMakeNoSenseAreRefused) {
  struct Row {
    std::string_view bytes;
    Reason reason;
    const char* why;
  };
  for (const Row& row : {
           Row{"*0\r\n", Reason::kUnavailable, "a node that was left alone"},
           Row{":5\r\n", Reason::kBadReply, "no list"},
           Row{"*1\r\n:5\r\n", Reason::kBadReply, "no row"},
           Row{"*1\r\n*3\r\n:5\r\n:4\r\n*2\r\n$1\r\na\r\n:1\r\n", Reason::kBadReply, "backwards"},
           Row{"*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n", Reason::kBadReply,
               "there is no such slot"},
           Row{"*1\r\n*3\r\n:0\r\n:5\r\n*2\r\n$1\r\n?\r\n:1\r\n", Reason::kUnavailable,
               "a host that is not known"},
           Row{"*1\r\n*2\r\n:0\r\n:5\r\n", Reason::kUnavailable, "slots without a node"},
       }) {
    const auto layout = ParseClusterSlots(*Recorded(row.bytes).reply, kFrom);
    ASSERT_FALSE(layout) << row.why;
    EXPECT_EQ(layout.error().reason, row.reason) << row.why;
  }
}

}  // namespace
}  // namespace streamgauge
