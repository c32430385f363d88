// The certificates of a scene: an authority, what it has signed for the server, and what the agent
// shows and believes, in files that a fault replaces while the agent runs.
#pragma once

#include <filesystem>

#include "support/certificates.h"
#include "support/temp_dir.h"

namespace streamgauge::test {

class TlsFiles {
 public:
  struct Paths {
    std::filesystem::path ca;
    CertificateFiles own;
  };

  TlsFiles();

  const CertificateAuthority& authority() const { return authority_; }
  const CertificateFiles& server() const { return server_; }
  const CertificateFiles& expired() const { return expired_; }  // the server's, an hour ago
  // The server's from another authority.
  CertificateFiles by_others() const { return others_.Issue("server-by-others"); }

  // What the agent is configured with. The methods below replace what is in them.
  Paths agent() const;
  void AgentShows(const CertificateFiles& files) const;
  void AgentShowsExpired() const { AgentShows(authority_.IssueExpired("agent-expired")); }
  void AgentShowsRenewed() const { AgentShows(authority_.Issue("agent-renewed")); }
  void AgentBelieves(const CertificateAuthority& authority) const;
  const CertificateAuthority& others() const { return others_; }

 private:
  CertificateAuthority authority_{"authority"};
  CertificateAuthority others_{"another authority"};
  CertificateFiles server_ = authority_.Issue("server");
  CertificateFiles expired_ = authority_.IssueExpired("server-expired");
  TempDir folder_{"tls"};
};

}  // namespace streamgauge::test
