// Style sheet and modules → reset_app/static/build. No address of another host may come out of it.
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;

await build({
  entryPoints: ["camera", "comeback", "hand_over", "liveness", "status"].map((name) => `${root}frontend/${name}.ts`),
  bundle: true,
  format: "esm",
  target: ["es2022", "safari16"],
  minify: true,
  outdir: `${root}static/build`,
});
await build({
  entryPoints: { app: `${root}frontend/css/app.css` },
  bundle: true,
  minify: true,
  target: ["chrome111", "safari16", "firefox113"],
  outdir: `${root}static/build`,
});
