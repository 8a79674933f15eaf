package main

import (
	"errors"
	"flag"
	"io"
	"os"

	"antenne/loadtest/report"
)

// showReport prints again what a run has kept, and may make its page.
func showReport(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.SetOutput(out)
	html := flags.String("html", "", "file for the page with plots")
	markdown := flags.Bool("markdown", false, "as a table for a document")
	name, rest := argument(args)
	if err := flags.Parse(rest); err != nil {
		return mistake{err}
	}
	if name == "" {
		name = flags.Arg(0)
	}
	r, err := openReport(name)
	if err != nil {
		return err
	}
	if *markdown {
		report.Markdown(out, r)
	} else {
		report.Table(out, r)
	}
	return saveTo(*html, func(to io.Writer) error { return report.Page(to, r) })
}

// compareReports prints two side by side.
func compareReports(args []string, out io.Writer) error {
	if len(args) != 2 {
		return mistake{errors.New("loadtest compare A.json B.json")}
	}
	a, err := openReport(args[0])
	if err != nil {
		return err
	}
	b, err := openReport(args[1])
	if err != nil {
		return err
	}
	report.Compare(out, a, b)
	return nil
}

func openReport(name string) (*report.Report, error) {
	if name == "" {
		return nil, mistake{errors.New("which report? a file that « loadtest run … --json FILE » wrote")}
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, mistake{err}
	}
	defer file.Close()
	r, err := report.Read(file)
	if err != nil {
		return nil, mistake{err}
	}
	return r, nil
}
