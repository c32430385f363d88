// Certificates for tests, made by the openssl command: an authority of a test's own and what it
// signs, for 127.0.0.1 and localhost, valid for a day.
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
  // A new key and a certificate for `name`, in files of that name.
  CertificateFiles Issue(const std::string& name) const;

 private:
  TempDir folder_{"certificates"};
  CertificateFiles own_;
};

}  // namespace streamgauge::test
