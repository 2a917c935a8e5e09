package org.sysmol.train;

import org.jspecify.annotations.Nullable;
import org.sysmol.core.pattern.TimeBudget;

/** A recipe whose parts can be changed one by one. */
final class RecipeDraft {
  long seed;
  int threads;
  int batch;
  int fullEpochs;
  int noiseEpochs;
  int quantisedEpochs;
  boolean control;
  double bits;
  String patterns;
  String assign;
  int shift;
  boolean flip;
  double fullRate;
  double noiseRate;
  double quantisedRate;
  double decay;
  double startPrecision;
  double noiseStep;
  double ramp;
  boolean equalise;
  double distil;
  boolean average;
  @Nullable TimeBudget time;
  String device;
  boolean bfloat16;
  boolean layerDelta;
  boolean fixedSteps;
  boolean constantRate;

  RecipeDraft(TrainingRecipe recipe) {
    seed = recipe.seed();
    threads = recipe.threads();
    batch = recipe.batch();
    fullEpochs = recipe.fullEpochs();
    noiseEpochs = recipe.noiseEpochs();
    quantisedEpochs = recipe.quantisedEpochs();
    control = recipe.control();
    bits = recipe.bits();
    patterns = recipe.patterns();
    assign = recipe.assign();
    shift = recipe.shift();
    flip = recipe.flip();
    fullRate = recipe.fullRate();
    noiseRate = recipe.noiseRate();
    quantisedRate = recipe.quantisedRate();
    decay = recipe.decay();
    startPrecision = recipe.startPrecision();
    noiseStep = recipe.noiseStep();
    ramp = recipe.ramp();
    equalise = recipe.equalise();
    distil = recipe.distil();
    average = recipe.average();
    time = recipe.time();
    device = recipe.device();
    bfloat16 = recipe.bfloat16();
    layerDelta = recipe.layerDelta();
    fixedSteps = recipe.fixedSteps();
    constantRate = recipe.constantRate();
  }

  TrainingRecipe recipe() {
    return new TrainingRecipe(
        seed,
        threads,
        batch,
        fullEpochs,
        noiseEpochs,
        quantisedEpochs,
        control,
        bits,
        patterns,
        assign,
        shift,
        flip,
        fullRate,
        noiseRate,
        quantisedRate,
        decay,
        startPrecision,
        noiseStep,
        ramp,
        equalise,
        distil,
        average,
        time,
        device,
        bfloat16,
        layerDelta,
        fixedSteps,
        constantRate);
  }
}
