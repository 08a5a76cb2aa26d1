// The oracle says what Go prints: text/template with sprig and Argo CD's functions. It reads a JSON list of
// {template, params, options} and writes a JSON list of {value} or {error}. Needed only to record goldens.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/gosimple/slug"
	"sigs.k8s.io/yaml"
)

type request struct {
	Template string         `json:"template"`
	Params   map[string]any `json:"params"`
	Options  []string       `json:"options"`
}

type answer struct {
	Value *string `json:"value,omitempty"`
	Error string  `json:"error,omitempty"`
}

var invalidName = regexp.MustCompile("[^-a-z0-9.]")

func normalize(name string) string {
	name = invalidName.ReplaceAllString(strings.ToLower(name), "-")
	if len(name) > 253 {
		name = name[:253]
	}
	return strings.Trim(name, "-.")
}

func slugify(args ...any) string {
	slug.MaxLength, slug.EnableSmartTruncate = 50, true
	name := ""
	for i, arg := range args {
		switch {
		case i == len(args)-1:
			name = arg.(string)
		case i == 0:
			slug.MaxLength = arg.(int)
		case i == 1:
			slug.EnableSmartTruncate = arg.(bool)
		}
	}
	return slug.Make(normalize(name))
}

func functions() template.FuncMap {
	funcs := template.FuncMap(sprig.GenericFuncMap())
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(funcs, name)
	}
	funcs["normalize"] = normalize
	funcs["slugify"] = slugify
	funcs["toYaml"] = func(v any) (string, error) {
		data, err := yaml.Marshal(v)
		return strings.TrimSuffix(string(data), "\n"), err
	}
	funcs["fromYaml"] = func(text string) (map[string]any, error) {
		m := map[string]any{}
		err := yaml.Unmarshal([]byte(text), &m)
		return m, err
	}
	funcs["fromYamlArray"] = func(text string) ([]any, error) {
		a := []any{}
		err := yaml.Unmarshal([]byte(text), &a)
		return a, err
	}
	return funcs
}

func run(r request, funcs template.FuncMap) answer {
	t, err := template.New("base").Funcs(funcs).Option(r.Options...).Parse(r.Template)
	if err != nil {
		return answer{Error: err.Error()}
	}
	var out bytes.Buffer
	if err := t.Execute(&out, r.Params); err != nil {
		return answer{Error: err.Error()}
	}
	text := out.String()
	return answer{Value: &text}
}

func main() {
	var requests []request
	if err := json.NewDecoder(os.Stdin).Decode(&requests); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	funcs := functions()
	answers := make([]answer, 0, len(requests))
	for _, r := range requests {
		answers = append(answers, run(r, funcs))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
