// One binary that is etcd, kube-apiserver, kube-controller-manager or kwok, by the name that it is called by. They share most of
// their code: linked together they take a third of the space, and one link instead of four.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	_ "time/tzdata" // CronJobs name time zones, and a bare machine has no database of them

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	"sigs.k8s.io/kwok/pkg/config"
	"sigs.k8s.io/kwok/pkg/kwok/cmd"
	"sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/signals"
)

var commands = map[string]func() error{
	"etcd":                    func() error { etcdmain.Main(os.Args); return nil },
	"kube-apiserver":          func() error { return exit(cli.Run(apiserver.NewAPIServerCommand())) },
	"kube-controller-manager": func() error { return exit(cli.Run(controllers.NewControllerManagerCommand())) },
	"kwok":                    simulateNodes,
}

func main() {
	run, known := commands[filepath.Base(os.Args[0])]
	if !known {
		fmt.Fprintln(os.Stderr, "call this through a link named etcd, kube-apiserver, kube-controller-manager or kwok")
		os.Exit(2)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// exit passes on the exit code of a command that has reported its own error.
func exit(code int) error {
	if code != 0 {
		os.Exit(code)
	}
	return nil
}

func simulateNodes() error {
	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}
	ctx, _ := log.InitFlags(signals.SetupSignalContext(), flags)
	ctx, err := config.InitFlags(ctx, flags)
	if err != nil {
		return err
	}
	return execute(ctx, flags)
}

func execute(ctx context.Context, flags *pflag.FlagSet) error {
	command := cmd.NewCommand(ctx)
	// The Kubernetes packages linked in beside it have registered --version, and a flag may be defined once.
	command.Version = ""
	command.PersistentFlags().AddFlagSet(flags)
	return command.ExecuteContext(ctx)
}
