// Certificates for tests, made by the openssl command: an authority of a test's own and what it
// signs, valid for a day.
#pragma once

#include <filesystem>
#include <string>

#include "support/temp_dir.h"

namespace streamgauge::test {

struct CertificateFiles {
  std::filesystem::path cert;  // PEM
  std::filesystem::path key;   // PEM
};

class CertificateAuthority {
 public:
  static bool Available();  // openssl is installed

  // Throws std::runtime_error with openssl's words when it cannot be made.
  explicit CertificateAuthority(const std::string& name);

  const std::filesystem::path& cert() const { return own_.cert; }
  // A new key and a certificate for `name`, in files of that name; whom else it is for as openssl
  // writes subjectAltName.
  CertificateFiles Issue(const std::string& name,
                         const std::string& names = "IP:127.0.0.1,DNS:localhost") const;
  // The same, but it expired an hour ago.
  CertificateFiles IssueExpired(const std::string& name) const;

 private:
  TempDir folder_{"certificates"};
  CertificateFiles own_;
};

}  // namespace streamgauge::test
