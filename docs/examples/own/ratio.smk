rule ratio:
    input:
        computed="results/tables/khandelwal2020/fig2.csv",
        measured="results/tables/mine/measured.csv",
    output:
        "results/mine/ratio.csv",
    log:
        "results/logs/mine/ratio.log",
    message:
        "Dividing what was measured by what was computed"
    run:
        from qte.data.tables import read

        computed, measured = read(input.computed), read(input.measured)
        at_resonance = computed.where(delta=0.0)
        current = dict(zip(at_resonance["T_h"], at_resonance["J"]))
        with open(output[0], "w") as file:
            print("T_h [eps_h],ratio [1],error [1]", file=file)
            for T_h, J, dJ in zip(measured["T_h"], measured["J"], measured["dJ"]):
                print(T_h, J / current[T_h], dJ / current[T_h], sep=",", file=file)
