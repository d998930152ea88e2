//! Root certificates of one's own, which every client of the process trusts in addition to its usual ones.

use claviger_aws::RootCertificates;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The certificates of a file, as PEM. Each was read as a root certificate.
#[derive(Clone)]
pub struct CaBundle(RootCertificates);

impl fmt::Debug for CaBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaBundle").finish_non_exhaustive()
    }
}

impl CaBundle {
    pub(crate) fn read(file: &Path) -> Result<Self, String> {
        let of = |what: String| format!("{}: {what}", file.display());
        let pem = fs::read(file).map_err(|error| {
            of(format!("{error}. Name a file with root certificates that Claviger's user may read"))
        })?;
        let mut roots = RootCertStore::empty();
        for (at, certificate) in CertificateDer::pem_slice_iter(&pem).enumerate() {
            let number = at + 1;
            let certificate = certificate
                .map_err(|error| of(format!("certificate {number} is not PEM ({error})")))?;
            roots.add(certificate).map_err(|error| {
                of(format!("certificate {number} is not a root certificate ({error})"))
            })?;
        }
        if roots.is_empty() {
            return Err(of(
                "it has no certificate. Use PEM, which begins with -----BEGIN CERTIFICATE-----"
                    .to_owned(),
            ));
        }
        Ok(Self(Arc::from(pem)))
    }

    pub(crate) fn pem(&self) -> &RootCertificates {
        &self.0
    }
}

/// From the file's path; the file is read at once, so that all clients have the same.
impl<'de> Deserialize<'de> for CaBundle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let file = PathBuf::deserialize(deserializer)?;
        Self::read(&file).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_without_a_certificate_is_refused() {
        let folder = std::env::temp_dir().join(format!("claviger-bundle-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("bundle.pem");
        for (text, says) in [
            ("", "it has no certificate"),
            ("certificates", "it has no certificate"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate 1"),
            ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "certificate 1"),
        ] {
            fs::write(&file, text).unwrap();
            let fault = CaBundle::read(&file).unwrap_err();
            assert!(fault.contains("bundle.pem") && fault.contains(says), "{fault}");
        }
        fs::remove_dir_all(&folder).unwrap();
        assert!(CaBundle::read(&file).unwrap_err().contains("No such file"));
    }
}
