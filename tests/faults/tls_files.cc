#include "faults/tls_files.h"

namespace streamgauge::test {
namespace {

constexpr const char* kAuthority = "ca.pem";
constexpr const char* kCertificate = "agent.pem";
constexpr const char* kKey = "agent.key";

}  // namespace

TlsFiles::TlsFiles() {
  AgentBelieves(authority_);
  AgentShows(authority_.Issue("agent"));
}

TlsFiles::Paths TlsFiles::agent() const {
  const std::filesystem::path& folder = folder_.path();
  return {folder / kAuthority, {folder / kCertificate, folder / kKey}};
}

void TlsFiles::AgentShows(const CertificateFiles& files) const {
  folder_.Write(kCertificate, ReadFile(files.cert));
  folder_.Write(kKey, ReadFile(files.key));
}

void TlsFiles::AgentBelieves(const CertificateAuthority& authority) const {
  folder_.Write(kAuthority, ReadFile(authority.cert()));
}

}  // namespace streamgauge::test
