// ajv as a peer: one argument per schema; for each line "INDEX BASE64" of standard input, what that schema says of that JSON document, on a line.
// From as many on as there are schemas, INDEX means the same schemas with their formats asserted.
const fs = require("fs");
const readline = require("readline");
const Ajv2020 = require("ajv/dist/2020");
const addFormats = require("ajv-formats");

const schemas = process.argv.slice(2).map((path) => JSON.parse(fs.readFileSync(path, "utf-8")));
const validators = [false, true].flatMap((validateFormats) =>
  schemas.map((schema) => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, validateFormats });
    addFormats(ajv);
    return ajv.compile(schema);
  }),
);

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [index, document] = line.split(" ");
  const validate = validators[Number(index)];
  const valid = validate(JSON.parse(Buffer.from(document, "base64").toString("utf-8")));
  console.log(valid ? "valid" : `invalid ${validate.errors[0].instancePath} ${validate.errors[0].message}`.replace(/\s+/g, " "));
});
