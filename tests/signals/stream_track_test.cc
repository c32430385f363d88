#include "signals/stream_track.h"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

// Polls every 10 s for `seconds`, at `rate` messages a second.
class Stream {
 public:
  Stream() { reading_.appended_total = 0; }
  StreamTrack& Run(int seconds, std::uint64_t rate) {
    for (int i = 0; i < seconds; i += 10) {
      track_.Observe(reading_, now_, SignalsConfig{});
      now_ += 10'000;
      *reading_.appended_total += 10 * rate;
    }
    return track_;
  }
  Tick last() const { return now_ - 10'000; }

 private:
  StreamReading reading_;
  StreamTrack track_;
  Tick now_ = 1'000'000;
};

TEST(StreamTrack, TheUsualRateIsKnownAfterThreeWindows) {
  Stream stream;
  EXPECT_FALSE(stream.Run(900, 10).usual_append_rate());
  EXPECT_NEAR(stream.Run(30, 10).usual_append_rate().value(), 10, 0.01);
}

TEST(StreamTrack, ABurstHardlyChangesTheUsualRate) {
  Stream stream;
  stream.Run(7200, 10);
  const StreamTrack& track = stream.Run(300, 100);
  EXPECT_NEAR(track.appended()->rate(), 97, 4);
  EXPECT_LT(track.usual_append_rate().value(), 25);
}

TEST(StreamTrack, IsQuietSinceTheLastMessage) {
  Stream stream;
  stream.Run(100, 10);
  EXPECT_EQ(stream.Run(10, 0).quiet_seconds(stream.last()), 0);
  EXPECT_EQ(stream.Run(200, 0).quiet_seconds(stream.last()), 200);
}

// What is appended while the total is absent is in the end offsets alone.
TEST(StreamTrack, IsNotQuietWhenTheEndsMoveUnseenByTheTotal) {
  StreamReading reading;
  reading.partitions = {{.partition = 0, .end_offset = 100}};
  reading.appended_total = 7;
  StreamTrack track;
  track.Observe(reading, 1'000'000, SignalsConfig{});
  track.Observe(reading, 1'100'000, SignalsConfig{});
  EXPECT_EQ(track.quiet_seconds(1'100'000), 100);
  reading.appended_total.reset();
  reading.partitions[0].end_offset = 101;
  track.Observe(reading, 1'110'000, SignalsConfig{});
  EXPECT_EQ(track.quiet_seconds(1'110'000), 0);
  reading.appended_total = 7;
  track.Observe(reading, 1'120'000, SignalsConfig{});
  EXPECT_EQ(track.quiet_seconds(1'120'000), 10);
}

}  // namespace
}  // namespace streamgauge
