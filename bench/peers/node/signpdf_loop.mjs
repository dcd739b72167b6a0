// Sign files one after another in one warm process with a local key; print the seconds, and those of
// processor time.
// The seal is an empty box: signpdf draws no picture.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { plainAddPlaceholder } from '@signpdf/placeholder-plain';
import { P12Signer } from '@signpdf/signer-p12';
import signpdf from '@signpdf/signpdf';

const [key, passphrase, out, ...files] = process.argv.slice(2);
const certificate = readFileSync(key);

async function sign(source, target) {
  const pdfBuffer = plainAddPlaceholder({
    pdfBuffer: readFileSync(source),
    reason: 'Seal',
    contactInfo: '',
    name: '',
    location: '',
    signatureLength: 4096,
    widgetRect: [440, 40, 553, 153],
  });
  const signer = new P12Signer(certificate, { passphrase }); // good for one signature
  writeFileSync(target, await signpdf.default.sign(pdfBuffer, signer));
}

await sign(files[0], join(out, 'warm.pdf'));
const began = process.hrtime.bigint();
const before = process.cpuUsage();
for (const file of files) await sign(file, join(out, basename(file)));
const used = process.cpuUsage(before);
console.log(Number(process.hrtime.bigint() - began) / 1e9, (used.user + used.system) / 1e6);
