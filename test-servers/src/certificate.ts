import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** An authority and a certificate of it for `localhost`, made by openssl. */
export function makeCertificate(directory: string) {
  const file = (name: string) => join(directory, name);
  const openssl = (...parameters: string[]) => execFileSync("openssl", parameters, { stdio: "pipe", cwd: directory });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    "ca-key.pem",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=Test authority",
  );
  openssl(
    "req",
    ...key,
    "-keyout",
    "key.pem",
    "-out",
    "request.pem",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost",
  );
  openssl(
    "x509",
    "-req",
    "-in",
    "request.pem",
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca-key.pem",
    "-CAcreateserial",
    "-days",
    "2",
    "-copy_extensions",
    "copy",
    "-out",
    "cert.pem",
  );
  return { ca: file("ca.pem"), cert: file("cert.pem"), key: file("key.pem") };
}
