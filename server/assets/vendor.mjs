// Takes from the npm package `dkfds` what the server embeds, into vendor/: the style sheet with the blue theme, its icons and fonts, the
// script, the licence texts. Logos of borger.dk and virk.dk are taken out: they are not ours to show. Runs on Node 18.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "node_modules", "dkfds", "dist");
const target = join(here, "vendor.new");
const finished = join(here, "vendor");

// What the theme uses; a browser slants the rarer italics itself.
const FONTS = [
  { file: "IBMPlexSans-Regular", style: "normal", weight: 400 },
  { file: "IBMPlexSans-Italic", style: "italic", weight: 400 },
  { file: "IBMPlexSans-Medium", style: "normal", weight: 500 },
  { file: "IBMPlexSans-SemiBold", style: "normal", weight: 600 },
  { file: "IBMPlexSans-Bold", style: "normal", weight: 700 },
];
const LOGOS = /url\(\.\.\/img\/logo[-_][^)]*\)/g;
const SOURCE_MAP = /\s*\/[*/]# sourceMappingURL=[^\n]*/g;
const FOREIGN_NAMES = /borger\.?dk|virk\.?dk|logo[-_]/i;

function fail(message) {
  process.stderr.write(`server/assets/vendor.mjs: ${message}\n`);
  process.exit(1);
}

function take(from, to) {
  if (!existsSync(join(source, from))) fail(`dkfds has no ${from}: is its version the one in package.json?`);
  mkdirSync(dirname(join(target, to)), { recursive: true });
  copyFileSync(join(source, from), join(target, to));
}

function write(to, text) {
  if (FOREIGN_NAMES.test(text)) fail(`${to} still names borger.dk, virk.dk or a logo: ${text.match(FOREIGN_NAMES)[0]}`);
  mkdirSync(dirname(join(target, to)), { recursive: true });
  writeFileSync(join(target, to), text);
}

function fontFace({ file, style, weight }) {
  take(`fonts/IBMPlexSans/complete/woff2/${file}.woff2`, `fonts/${file}.woff2`);
  const source = `url(../fonts/${file}.woff2) format("woff2")`;
  return `@font-face{font-display:swap;font-family:IBM Plex Sans;font-style:${style};font-weight:${weight};src:${source}}`;
}

function styleSheet() {
  let text = readFileSync(join(source, "css", "dkfds-virkdk.min.css"), "utf8");
  text = text.replace(SOURCE_MAP, "").replace(LOGOS, "none");
  text = text.replace(/@font-face\{[^}]*IBM Plex Sans[^}]*\}/g, "");
  const icons = new Set(text.match(/url\([^)]*\)/g));
  for (const icon of icons) {
    const name = icon.match(/^url\(\.\.\/img\/svg-icons\/([a-z-]+\d*\.svg)\)$/)?.[1];
    if (!name) fail(`the style sheet points at something unknown: ${icon}`);
    take(`img/svg-icons/${name}`, `img/svg-icons/${name}`);
  }
  return FONTS.map(fontFace).join("") + text;
}

// For paper (server/src/platform/paper), which the server embeds itself and never serves.
const PAPER_FONTS = ["IBMPlexSans-Regular", "IBMPlexSans-Bold"];

rmSync(target, { recursive: true, force: true });
for (const file of PAPER_FONTS) take(`fonts/IBMPlexSans/complete/ttf/${file}.ttf`, `fonts/${file}.ttf`);
write("css/dkfds.css", styleSheet());
write("js/dkfds.js", readFileSync(join(source, "js", "dkfds.min.js"), "utf8").replace(SOURCE_MAP, ""));
take("img/all-svg-icons.svg", "img/icons.svg");
take("fonts/IBMPlexSans/complete/woff2/license.txt", "fonts/LICENSE.txt");
take("LICENSE.md", "LICENSE.md");
rmSync(finished, { recursive: true, force: true });
renameSync(target, finished);
